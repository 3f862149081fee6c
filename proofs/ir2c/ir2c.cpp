// ir2c MODULE [FUNCTION=REPLACEMENT]: translates a module of LLVM IR to C that CBMC reads; calls of
// FUNCTION become calls of REPLACEMENT. docs/proofs-parsers.md has the rules of the translation.
//
// One C function for each function, one C variable for each SSA value, one label for each basic
// block. Types stay what they are: a struct is a struct, a pointer points to its own type. So the
// model checker sees the same objects as the compiler. What the compiler may assume (no signed
// overflow, an instruction that is not reached) becomes an assertion. What is not supported ends
// the translation with an error; nothing is left out silently.
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using std::string;

template <class T>
string shown(const T& thing) {
  string text;
  llvm::raw_string_ostream out(text);
  thing.print(out);
  return out.str();
}

[[noreturn]] void unsupported(const string& what, const string& where) {
  llvm::errs() << "ir2c: cannot translate " << what << ": " << where << "\n";
  exit(1);
}

// Returns a C identifier.
string identifier(llvm::StringRef name) {
  string text;
  for (const char c : name) text += isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  return text;
}

string quoted(llvm::StringRef text) {
  string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

// The names and declarations of types. An array is a struct with the array `a`, so that it can be
// declared before its elements and be assigned.
class Types {
 public:
  string name(llvm::Type* type) {
    if (type->isVoidTy()) return "void";
    if (auto* integer = llvm::dyn_cast<llvm::IntegerType>(type)) {
      return "u" + std::to_string(checked_width(integer));
    }
    if (type->isPointerTy()) {
      llvm::Type* pointee = type->getPointerElementType();
      if (auto* function = llvm::dyn_cast<llvm::FunctionType>(pointee)) return pointer_to(function);
      return name(pointee) + "*";
    }
    if (type->isStructTy() || type->isArrayTy()) {
      const auto found = aggregates_.find(type);
      if (found != aggregates_.end()) return "struct " + found->second;
      string its_name = (type->isArrayTy() ? "A" : "S") + std::to_string(aggregates_.size());
      auto* structure = llvm::dyn_cast<llvm::StructType>(type);
      if (structure != nullptr && structure->hasName()) {
        its_name += "_" + identifier(structure->getName());
      }
      aggregates_[type] = its_name;
      forward_ += "struct " + its_name + ";\n";
      return "struct " + its_name;
    }
    unsupported("a type", shown(*type));
  }
  string signed_name(llvm::Type* type) { return "s" + name(type).substr(1); }

  // Makes the type's body known before its first use by value.
  void need(llvm::Type* type) {
    name(type);
    if (!(type->isStructTy() || type->isArrayTy()) || !defined_.insert(type).second) return;
    string body;
    if (type->isArrayTy()) {
      need(type->getArrayElementType());
      body = "  " + name(type->getArrayElementType()) + " a[" +
             std::to_string(type->getArrayNumElements()) + "];\n";
    } else {
      auto* structure = llvm::cast<llvm::StructType>(type);
      if (structure->isOpaque()) return;
      for (unsigned i = 0; i < structure->getNumElements(); ++i) {
        need(structure->getElementType(i));
        body += "  " + name(structure->getElementType(i)) + " f" + std::to_string(i) + ";\n";
      }
    }
    auto* structure = llvm::dyn_cast<llvm::StructType>(type);
    const bool packed = structure != nullptr && structure->isPacked();
    bodies_ +=
        name(type) + " {\n" + body + "}" + (packed ? " __attribute__((packed))" : "") + ";\n";
    // An empty struct has no size in C either.
    sizes_.emplace_back(type, name(type));
  }

  string declarations(const llvm::DataLayout& layout) {
    string text = forward_ + functions_ + bodies_;
    for (const auto& [type, its_name] : sizes_) {
      text += "_Static_assert(sizeof(" + its_name +
              ") == " + std::to_string(layout.getTypeAllocSize(type)) + ", \"layout\");\n";
    }
    return text;
  }

 private:
  static unsigned checked_width(llvm::IntegerType* type) {
    const unsigned width = type->getBitWidth();
    for (const unsigned known : {1, 8, 16, 32, 64, 128}) {
      if (width == known) return width;
    }
    unsupported("an integer", shown(*type));
  }
  string pointer_to(llvm::FunctionType* type) {
    const auto found = function_names_.find(type);
    if (found != function_names_.end()) return found->second;
    string parameters;
    for (llvm::Type* parameter : type->params()) {
      parameters += (parameters.empty() ? "" : ", ") + name(parameter);
    }
    const string result = name(type->getReturnType());
    const string its_name = "F" + std::to_string(function_names_.size());
    function_names_[type] = its_name;
    functions_ += "typedef " + result + " (*" + its_name + ")(" +
                  (parameters.empty() ? "void" : parameters) + ");\n";
    return its_name;
  }

  std::map<llvm::Type*, string> aggregates_;
  std::map<llvm::FunctionType*, string> function_names_;
  std::set<llvm::Type*> defined_;
  std::vector<std::pair<llvm::Type*, string>> sizes_;
  string forward_, functions_, bodies_;
};

class Translator {
 public:
  Translator(llvm::Module& module, std::map<string, string> replaced)
      : module_(module), layout_(module.getDataLayout()), replaced_(std::move(replaced)) {
    for (const auto& [name, by] : replaced_) {
      if (module.getFunction(name) == nullptr)
        unsupported("the replacement of a function that is not there", name);
      if (module.getFunction(by) == nullptr) unsupported("a replacement that is not there", by);
      if (module.getFunction(by)->getFunctionType() !=
          module.getFunction(name)->getFunctionType()) {
        unsupported("a replacement of another type", by);
      }
    }
  }

  void translate(llvm::raw_ostream& out) {
    // An alias is a second name, such as that of a constructor.
    while (!module_.alias_empty()) {
      llvm::GlobalAlias& alias = *module_.alias_begin();
      alias.replaceAllUsesWith(alias.getAliasee());
      alias.eraseFromParent();
    }
    string declared;
    string defined;
    for (llvm::GlobalVariable& variable : module_.globals()) {
      if (!variable.hasName()) variable.setName("unnamed");  // LLVM adds a number
    }
    for (llvm::GlobalVariable& variable : module_.globals()) {
      if (variable.getName().startswith("llvm.")) {
        if (variable.getName() == "llvm.used" || variable.getName() == "llvm.compiler.used")
          continue;
        unsupported("a global variable", variable.getName().str());
      }
      types_.need(variable.getValueType());
      const string what = types_.name(variable.getValueType()) + " " + global(variable);
      if (variable.isDeclaration()) {
        declared += "extern " + what + ";\n";
      } else {
        declared += "static " + what + ";\n";
        defined += "static " + what + " = " + initializer(variable.getInitializer()) + ";\n";
      }
    }
    for (llvm::Function& function : module_) {
      if (function.isIntrinsic() || is_special(function) || is_replaced(function)) continue;
      declared += head(function) + ";\n";
    }
    string bodies;
    for (llvm::Function& function : module_) {
      if (!function.isDeclaration() && !is_replaced(function)) bodies += body(function);
    }
    out << "// Written by ir2c from " << module_.getSourceFileName()
        << ".\n#include \"prelude.h\"\n"
        << types_.declarations(layout_) << declared << defined << bodies;
  }

 private:
  // ---- Names.
  static string global(const llvm::GlobalValue& value) {
    const string name = identifier(value.getName());
    if (llvm::isa<llvm::Function>(value)) return name;
    return "g_" + name;
  }
  bool is_replaced(const llvm::Function& function) const {
    return replaced_.count(function.getName().str()) != 0;
  }
  static bool is_special(const llvm::Function& function) {
    return function.getName().startswith("__CPROVER_");
  }
  string head(llvm::Function& function) {
    if (function.isVarArg())
      unsupported("a function with variable arguments", function.getName().str());
    string parameters;
    for (llvm::Argument& argument : function.args()) {
      types_.need(argument.getType());
      parameters += (parameters.empty() ? "" : ", ") + types_.name(argument.getType()) + " p" +
                    std::to_string(argument.getArgNo());
    }
    types_.need(function.getReturnType());
    return types_.name(function.getReturnType()) + " " + global(function) + "(" +
           (parameters.empty() ? "void" : parameters) + ")";
  }

  // ---- Constants.
  string initializer(llvm::Constant* constant) {
    llvm::Type* type = constant->getType();
    if (!type->isAggregateType()) {
      return llvm::isa<llvm::UndefValue>(constant) ? "0" : value(constant);
    }
    string elements;
    const unsigned count = type->isArrayTy() ? static_cast<unsigned>(type->getArrayNumElements())
                                             : type->getStructNumElements();
    for (unsigned i = 0; i < count; ++i) {
      elements += (i == 0 ? "" : ", ") + initializer(constant->getAggregateElement(i));
    }
    return type->isArrayTy() ? "{{" + elements + "}}" : "{" + elements + "}";
  }

  string value(llvm::Value* value) {
    llvm::Type* type = value->getType();
    if (llvm::isa<llvm::UndefValue>(value)) return undefined(type);
    if (auto* integer = llvm::dyn_cast<llvm::ConstantInt>(value)) {
      if (integer->getBitWidth() > 64) unsupported("a constant", shown(*value));
      return "((" + types_.name(type) + ")" + std::to_string(integer->getZExtValue()) + "ull)";
    }
    if (llvm::isa<llvm::ConstantPointerNull>(value)) return "((" + types_.name(type) + ")0)";
    if (auto* function = llvm::dyn_cast<llvm::Function>(value)) {
      return is_replaced(*function) ? replaced_[function->getName().str()] : global(*function);
    }
    if (auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(value)) {
      return "(&" + global(*variable) + ")";
    }
    if (auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(value)) {
      return "(" + operation(*expression) + ")";
    }
    if (auto* constant = llvm::dyn_cast<llvm::Constant>(value)) {
      types_.need(type);
      return "((" + types_.name(type) + ")" + initializer(constant) + ")";
    }
    const auto found = names_.find(value);
    if (found == names_.end()) unsupported("a value", shown(*value));
    return found->second;
  }

  // A variable that is never assigned: any value.
  string undefined(llvm::Type* type) {
    types_.need(type);
    const string name = "undefined" + std::to_string(count_++);
    locals_ += "  " + types_.name(type) + " " + name + ";\n";
    return name;
  }

  string as_signed(llvm::Value* v) {
    if (v->getType()->isIntegerTy(1)) return "(-(s32)" + value(v) + ")";
    return "((" + types_.signed_name(v->getType()) + ")" + value(v) + ")";
  }
  // Wide enough that C's promotion to int cannot overflow.
  string as_wide(llvm::Value* v) {
    return v->getType()->getIntegerBitWidth() < 32 ? "((u32)" + value(v) + ")" : value(v);
  }

  // ---- Expressions: what instructions and constant expressions share.
  string operation(llvm::User& user) {
    const auto operand = [&](unsigned index) { return value(user.getOperand(index)); };
    llvm::Type* type = user.getType();
    const unsigned opcode = llvm::Operator::getOpcode(&user);
    const string cast =
        type->isVoidTy() || type->isAggregateType() ? "" : "(" + types_.name(type) + ")";
    const auto binary = [&](const char* sign) {
      return cast + "(" + as_wide(user.getOperand(0)) + " " + sign + " " +
             as_wide(user.getOperand(1)) + ")";
    };
    const auto binary_signed = [&](const char* sign) {
      return cast + "(" + as_signed(user.getOperand(0)) + " " + sign + " " +
             as_signed(user.getOperand(1)) + ")";
    };
    switch (opcode) {
      case llvm::Instruction::Add:
        return binary("+");
      case llvm::Instruction::Sub: {
        auto* a = llvm::dyn_cast<llvm::PtrToIntOperator>(user.getOperand(0));
        auto* b = llvm::dyn_cast<llvm::PtrToIntOperator>(user.getOperand(1));
        if (a == nullptr || b == nullptr) return binary("-");
        // A difference of pointers, so that the model checker compares their objects.
        return cast + "POINTER_DIFFERENCE(" + value(a->getPointerOperand()) + ", " +
               value(b->getPointerOperand()) + ")";
      }
      case llvm::Instruction::Mul:
        return binary("*");
      case llvm::Instruction::UDiv:
        return binary("/");
      case llvm::Instruction::URem:
        return binary("%");
      case llvm::Instruction::SDiv:
        return binary_signed("/");
      case llvm::Instruction::SRem:
        return binary_signed("%");
      case llvm::Instruction::Shl:
        return binary("<<");
      case llvm::Instruction::LShr:
        return binary(">>");
      case llvm::Instruction::AShr:
        return cast + "(" + as_signed(user.getOperand(0)) + " >> " + operand(1) + ")";
      case llvm::Instruction::And:
        return binary("&");
      case llvm::Instruction::Or:
        return binary("|");
      case llvm::Instruction::Xor:
        return binary("^");
      case llvm::Instruction::ZExt:
        return cast + operand(0);
      case llvm::Instruction::SExt:
        return cast + as_signed(user.getOperand(0));
      case llvm::Instruction::Trunc:
        return type->isIntegerTy(1) ? "(u1)(" + operand(0) + " & 1)" : cast + operand(0);
      case llvm::Instruction::BitCast:
      case llvm::Instruction::PtrToInt:
      case llvm::Instruction::IntToPtr:
        need_pointee(user.getOperand(0)->getType());
        need_pointee(type);
        return cast + operand(0);
      case llvm::Instruction::Freeze:
        return operand(0);
      case llvm::Instruction::Select:
        return operand(0) + " ? " + operand(1) + " : " + operand(2);
      case llvm::Instruction::GetElementPtr:
        return element(llvm::cast<llvm::GEPOperator>(user));
      case llvm::Instruction::ICmp:
        return comparison(user);
      case llvm::Instruction::ExtractValue: {
        string path = operand(0);
        llvm::Type* at = user.getOperand(0)->getType();
        for (const unsigned index : llvm::cast<llvm::ExtractValueInst>(user).indices()) {
          path += member(at, index);
        }
        return path;
      }
      default:
        unsupported("an operation", shown(user));
    }
  }

  static string member(llvm::Type*& type, unsigned index) {
    const string text =
        type->isArrayTy() ? ".a[" + std::to_string(index) + "]" : ".f" + std::to_string(index);
    type = type->isArrayTy() ? type->getArrayElementType() : type->getStructElementType(index);
    return text;
  }

  void need_pointee(llvm::Type* type) {
    if (type->isPointerTy() && type->getPointerElementType()->isSized())
      types_.need(type->getPointerElementType());
  }

  string signed_index(llvm::Value* index) {
    if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(index))
      return std::to_string(constant->getSExtValue()) + "ll";
    return "(s64)" + as_signed(index);
  }

  string element(llvm::GEPOperator& address) {
    llvm::Type* type = address.getSourceElementType();
    types_.need(type);
    string place = value(address.getPointerOperand());
    bool first = true;
    bool is_address = true;  // whether `place` is an address; otherwise it is what lies there
    for (llvm::Value* index : address.indices()) {
      auto* constant = llvm::dyn_cast<llvm::ConstantInt>(index);
      if (first) {
        if (constant == nullptr || !constant->isZero())
          place = "(" + place + " + " + signed_index(index) + ")";
        first = false;
      } else if (type->isStructTy()) {
        const auto field = static_cast<unsigned>(constant->getZExtValue());
        place =
            "(&" + (is_address ? place + "->" : place + ".") + "f" + std::to_string(field) + ")";
        is_address = true;
        type = type->getStructElementType(field);
      } else {
        type = type->getArrayElementType();
        place = "(" + place + "->a + " + signed_index(index) + ")";
      }
    }
    return place;
  }

  string comparison(llvm::User& user) {
    unsigned predicate = 0;
    if (auto* instruction = llvm::dyn_cast<llvm::ICmpInst>(&user))
      predicate = instruction->getPredicate();
    else
      predicate = llvm::cast<llvm::ConstantExpr>(user).getPredicate();
    static const std::map<unsigned, const char*> kSigns = {
        {llvm::CmpInst::ICMP_EQ, "=="}, {llvm::CmpInst::ICMP_NE, "!="},
        {llvm::CmpInst::ICMP_UGT, ">"}, {llvm::CmpInst::ICMP_UGE, ">="},
        {llvm::CmpInst::ICMP_ULT, "<"}, {llvm::CmpInst::ICMP_ULE, "<="},
        {llvm::CmpInst::ICMP_SGT, ">"}, {llvm::CmpInst::ICMP_SGE, ">="},
        {llvm::CmpInst::ICMP_SLT, "<"}, {llvm::CmpInst::ICMP_SLE, "<="}};
    const char* sign = kSigns.at(predicate);
    if (llvm::CmpInst::isSigned(static_cast<llvm::CmpInst::Predicate>(predicate))) {
      return "(u1)(" + as_signed(user.getOperand(0)) + " " + sign + " " +
             as_signed(user.getOperand(1)) + ")";
    }
    return "(u1)(" + value(user.getOperand(0)) + " " + sign + " " + value(user.getOperand(1)) + ")";
  }

  // ---- Functions.
  string body(llvm::Function& function) {
    names_.clear();
    labels_.clear();
    locals_.clear();
    code_.clear();
    for (llvm::Argument& argument : function.args())
      names_[&argument] = "p" + std::to_string(argument.getArgNo());
    for (llvm::BasicBlock& block : function) {
      labels_[&block] = "L" + std::to_string(labels_.size());
      for (llvm::Instruction& instruction : block) {
        llvm::Type* type = instruction.getType();
        if (type->isVoidTy()) continue;
        const string name = "v" + std::to_string(count_++) +
                            (instruction.hasName() ? "_" + identifier(instruction.getName()) : "");
        names_[&instruction] = name;
        if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction)) {
          if (alloca->isArrayAllocation())
            unsupported("an array of variable length", shown(instruction));
          types_.need(alloca->getAllocatedType());
          locals_ += "  " + types_.name(alloca->getAllocatedType()) + " " + name + "_memory;\n";
          names_[&instruction] = "(&" + name + "_memory)";
          continue;
        }
        types_.need(type);
        locals_ += "  " + types_.name(type) + " " + name + ";\n";
        if (llvm::isa<llvm::PHINode>(instruction))
          locals_ += "  " + types_.name(type) + " " + name + "_next;\n";
      }
    }
    for (llvm::BasicBlock& block : function) {
      code_ += labels_[&block] + ":;\n";
      for (llvm::PHINode& phi : block.phis())
        line(phi, names_[&phi] + " = " + names_[&phi] + "_next");
      for (llvm::Instruction& instruction : block) {
        if (!llvm::isa<llvm::PHINode>(instruction)) statement(instruction);
      }
    }
    return "\n" + head(function) + " {\n" + locals_ + code_ + "}\n";
  }

  void line(llvm::Instruction& instruction, const string& text) {
    const llvm::DebugLoc& place = instruction.getDebugLoc();
    if (place && place.getLine() != 0) {
      const auto* scope = llvm::cast<llvm::DIScope>(place.getScope());
      code_ +=
          "#line " + std::to_string(place.getLine()) + " " + quoted(scope->getFilename()) + "\n";
    }
    code_ += "  " + text + ";\n";
  }

  // Assigns the next block's phi nodes and goes there.
  string jump(llvm::BasicBlock* from, llvm::BasicBlock* to) {
    string text;
    for (llvm::PHINode& phi : to->phis()) {
      text += names_[&phi] + "_next = " + value(phi.getIncomingValueForBlock(from)) + "; ";
    }
    return "{ " + text + "goto " + labels_[to] + "; }";
  }

  void statement(llvm::Instruction& instruction) {
    const auto operand = [&](unsigned index) { return value(instruction.getOperand(index)); };
    switch (instruction.getOpcode()) {
      case llvm::Instruction::Alloca:
        return;
      case llvm::Instruction::Load:
        need_pointee(instruction.getOperand(0)->getType());
        return line(instruction, names_[&instruction] + " = *" + operand(0));
      case llvm::Instruction::Store:
        need_pointee(instruction.getOperand(1)->getType());
        return line(instruction, "*" + operand(1) + " = " + operand(0));
      case llvm::Instruction::InsertValue: {
        const string name = names_[&instruction];
        string path = name;
        llvm::Type* at = instruction.getType();
        for (const unsigned index : llvm::cast<llvm::InsertValueInst>(instruction).indices())
          path += member(at, index);
        return line(instruction, name + " = " + operand(0) + "; " + path + " = " + operand(1));
      }
      case llvm::Instruction::Br: {
        auto& branch = llvm::cast<llvm::BranchInst>(instruction);
        llvm::BasicBlock* here = instruction.getParent();
        if (branch.isUnconditional()) return line(instruction, jump(here, branch.getSuccessor(0)));
        return line(instruction, "if (" + value(branch.getCondition()) + ") " +
                                     jump(here, branch.getSuccessor(0)) + " else " +
                                     jump(here, branch.getSuccessor(1)));
      }
      case llvm::Instruction::Switch: {
        auto& choice = llvm::cast<llvm::SwitchInst>(instruction);
        string text;
        for (auto& each : choice.cases()) {
          text += "if (" + value(choice.getCondition()) + " == " + value(each.getCaseValue()) +
                  ") " + jump(instruction.getParent(), each.getCaseSuccessor()) + " else ";
        }
        return line(instruction, text + jump(instruction.getParent(), choice.getDefaultDest()));
      }
      case llvm::Instruction::Ret:
        return line(instruction,
                    instruction.getNumOperands() == 0 ? "return" : "return " + operand(0));
      case llvm::Instruction::Unreachable:
        return line(instruction, "UNREACHABLE()");
      case llvm::Instruction::Call:
        return call(llvm::cast<llvm::CallInst>(instruction));
      default:
        break;
    }
    if (auto* wrapping = llvm::dyn_cast<llvm::OverflowingBinaryOperator>(&instruction)) {
      static const std::map<unsigned, const char*> kNames = {{llvm::Instruction::Add, "add"},
                                                             {llvm::Instruction::Sub, "sub"},
                                                             {llvm::Instruction::Mul, "mul"}};
      const auto name = kNames.find(instruction.getOpcode());
      if (name != kNames.end() && (wrapping->hasNoSignedWrap() || wrapping->hasNoUnsignedWrap())) {
        const bool is_signed = wrapping->hasNoSignedWrap();
        const auto argument = [&](unsigned i) {
          return is_signed ? as_signed(instruction.getOperand(i)) : operand(i);
        };
        line(instruction, "{ " +
                              (is_signed ? types_.signed_name(instruction.getType())
                                         : types_.name(instruction.getType())) +
                              " exact; ASSERT(!__builtin_" + name->second + "_overflow(" +
                              argument(0) + ", " + argument(1) + ", &exact), \"no overflow\"); }");
      }
    }
    line(instruction, names_[&instruction] + " = " + operation(instruction));
  }

  void call(llvm::CallInst& call) {
    if (llvm::isa<llvm::DbgInfoIntrinsic>(call) || call.isLifetimeStartOrEnd()) return;
    const string result = call.getType()->isVoidTy() ? "" : names_[&call] + " = ";
    const auto argument = [&](unsigned index) { return value(call.getArgOperand(index)); };
    llvm::Function* function = call.getCalledFunction();
    if (call.isInlineAsm()) {
      // Only an empty instruction, which the compiler must not see through.
      auto* text = llvm::cast<llvm::InlineAsm>(call.getCalledOperand());
      if (text->getAsmString().empty() && call.getType()->isVoidTy()) return;
      unsupported("an assembler instruction", shown(call));
    }
    if (function != nullptr && function->isIntrinsic()) return intrinsic(call, *function, result);
    if (function != nullptr && function->getName() == "__CPROVER_assert") {
      return line(call, "ASSERT(" + argument(0) + ", " + literal(call.getArgOperand(1)) + ")");
    }
    if (function != nullptr && function->getName() == "__CPROVER_assume") {
      return line(call, "ASSUME(" + argument(0) + ")");
    }
    string before;
    string arguments;
    for (unsigned i = 0; i < call.arg_size(); ++i) {
      string text = argument(i);
      if (call.isByValArgument(i)) {
        llvm::Type* type = call.getParamByValType(i);
        types_.need(type);
        const string copy = "copy" + std::to_string(count_++);
        locals_ += "  " + types_.name(type) + " " + copy + ";\n";
        before += copy + " = *" + text + "; ";
        text = "&" + copy;
      }
      arguments += (i == 0 ? "" : ", ") + text;
    }
    line(call, before + result + value(call.getCalledOperand()) + "(" + arguments + ")");
  }

  // Returns the text that a constant points to, as a literal.
  static string literal(llvm::Value* pointer) {
    auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(pointer->stripPointerCasts());
    auto* data = variable == nullptr
                     ? nullptr
                     : llvm::dyn_cast<llvm::ConstantDataArray>(variable->getInitializer());
    if (data == nullptr || !data->isCString())
      unsupported("an assertion without a literal", shown(*pointer));
    return quoted(data->getAsCString());
  }

  // Copies of one object are assignments. So the model checker need not take bytes apart.
  bool copy_of_object(llvm::CallInst& call) {
    auto* size = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(2));
    llvm::Type* to = call.getArgOperand(0)->stripPointerCasts()->getType();
    llvm::Type* from = call.getArgOperand(1)->stripPointerCasts()->getType();
    if (size == nullptr) return false;
    for (llvm::Type* pointer : {to, from}) {
      llvm::Type* type = pointer->getPointerElementType();
      if (!type->isSized() || type->isFunctionTy() ||
          layout_.getTypeAllocSize(type) != size->getZExtValue())
        continue;
      types_.need(type);
      const string cast = "(" + types_.name(type) + "*)";
      line(call, "COPY_OBJECT(" + types_.name(type) + ", " + cast + value(call.getArgOperand(0)) +
                     ", " + cast + value(call.getArgOperand(1)) + ")");
      return true;
    }
    return false;
  }

  void intrinsic(llvm::CallInst& call, llvm::Function& function, const string& result) {
    const auto argument = [&](unsigned index) { return value(call.getArgOperand(index)); };
    switch (function.getIntrinsicID()) {
      case llvm::Intrinsic::memcpy:
        if (copy_of_object(call)) return;
        return line(call,
                    "COPY_BYTES(" + argument(0) + ", " + argument(1) + ", " + argument(2) + ")");
      case llvm::Intrinsic::memmove:
        return line(call,
                    "MOVE_BYTES(" + argument(0) + ", " + argument(1) + ", " + argument(2) + ")");
      case llvm::Intrinsic::memset: {
        auto* size = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(2));
        auto* byte = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(1));
        llvm::Type* type =
            call.getArgOperand(0)->stripPointerCasts()->getType()->getPointerElementType();
        if (size != nullptr && byte != nullptr && byte->isZero() && type->isSized() &&
            type->isAggregateType() && layout_.getTypeAllocSize(type) == size->getZExtValue()) {
          types_.need(type);
          locals_ += "  static " + types_.name(type) + " zero" + std::to_string(count_) + ";\n";
          return line(call, "*(" + types_.name(type) + "*)" + argument(0) + " = zero" +
                                std::to_string(count_++));
        }
        return line(call,
                    "SET_BYTES(" + argument(0) + ", " + argument(1) + ", " + argument(2) + ")");
      }
      case llvm::Intrinsic::trap:
      case llvm::Intrinsic::debugtrap:
        return line(call, "ASSERT(0, \"no trap\")");
      case llvm::Intrinsic::ubsantrap:
        return line(call, "UNDEFINED_BEHAVIOUR(" + sanitizer_check(call) + ")");
      case llvm::Intrinsic::expect:
        return line(call, result + argument(0));
      case llvm::Intrinsic::sadd_with_overflow:
        return overflow(call, "add", true);
      case llvm::Intrinsic::ssub_with_overflow:
        return overflow(call, "sub", true);
      case llvm::Intrinsic::smul_with_overflow:
        return overflow(call, "mul", true);
      case llvm::Intrinsic::uadd_with_overflow:
        return overflow(call, "add", false);
      case llvm::Intrinsic::usub_with_overflow:
        return overflow(call, "sub", false);
      case llvm::Intrinsic::umul_with_overflow:
        return overflow(call, "mul", false);
      default:
        unsupported("an intrinsic function", shown(call));
    }
  }

  // What UBSan has found, in the order of clang's LIST_SANITIZER_CHECKS.
  static string sanitizer_check(llvm::CallInst& call) {
    static const char* const kChecks[] = {"addition",
                                          "builtin with an invalid argument",
                                          "control flow integrity",
                                          "division",
                                          "dynamic type",
                                          "conversion from floating point",
                                          "type of the called function",
                                          "implicit conversion",
                                          "invalid builtin",
                                          "invalid Objective-C cast",
                                          "value of a bool or enum",
                                          "missing return",
                                          "multiplication",
                                          "negation",
                                          "nullability of an argument",
                                          "nullability of a return value",
                                          "nonnull argument",
                                          "nonnull return value",
                                          "array index",
                                          "pointer arithmetic",
                                          "shift",
                                          "subtraction",
                                          "null or misaligned pointer",
                                          "alignment assumption",
                                          "size of a variable length array",
                                          "unreachable"};
    const uint64_t kind = llvm::cast<llvm::ConstantInt>(call.getArgOperand(0))->getZExtValue();
    return quoted(kind < std::size(kChecks) ? kChecks[kind] : "unknown");
  }

  void overflow(llvm::CallInst& call, const char* operation, bool is_signed) {
    llvm::Value* a = call.getArgOperand(0);
    llvm::Value* b = call.getArgOperand(1);
    const string name = names_[&call];
    const string type = is_signed ? types_.signed_name(a->getType()) : types_.name(a->getType());
    line(call, "{ " + type + " exact; " + name + ".f1 = __builtin_" + operation + "_overflow(" +
                   (is_signed ? as_signed(a) : value(a)) + ", " +
                   (is_signed ? as_signed(b) : value(b)) + ", &exact); " + name + ".f0 = (" +
                   types_.name(a->getType()) + ")exact; }");
  }

  llvm::Module& module_;
  const llvm::DataLayout& layout_;
  std::map<string, string> replaced_;
  Types types_;
  std::map<llvm::Value*, string> names_;
  std::map<llvm::BasicBlock*, string> labels_;
  string locals_, code_;
  unsigned count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    llvm::errs() << "usage: ir2c MODULE [FUNCTION=REPLACEMENT]...\n";
    return 2;
  }
  std::map<string, string> replaced;
  for (int i = 2; i < argc; ++i) {
    const auto [name, by] = llvm::StringRef(argv[i]).split('=');
    replaced[name.str()] = by.str();
  }
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  const auto module = llvm::parseIRFile(argv[1], error, context);
  if (module == nullptr) {
    error.print("ir2c", llvm::errs());
    return 1;
  }
  Translator(*module, replaced).translate(llvm::outs());
  return 0;
}
