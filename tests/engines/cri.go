// A pod by the Container Runtime Interface, with the calls that a kubelet makes, in its order:
//
//	cri SOCKET HANDLER IMAGE own|shared
//
// HANDLER is a runtime of containerd's configuration. The containers have their own pid namespaces, or that of the pod. Prints
// what is in the answers and does not differ between two runs.
//
// Debian has the interface's Go package in sid only. Its messages are declared here, as far as they are used, by the numbers of
// runtime/v1/api.proto of Kubernetes.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
)

// The methods of a message. A field of this name is none of the message's.
type XXX_NoUnkeyedLiteral struct{}

func (*XXX_NoUnkeyedLiteral) ProtoMessage()  {}
func (*XXX_NoUnkeyedLiteral) Reset()         {}
func (*XXX_NoUnkeyedLiteral) String() string { return "" }

type securityProfile struct {
	XXX_NoUnkeyedLiteral
	// 0: the runtime's default, 1: unconfined.
	Type int32 `protobuf:"varint,1,opt,name=profile_type,proto3"`
}
type namespaceOption struct {
	XXX_NoUnkeyedLiteral
	// 0: the pod's, 1: the container's own, 2: the node's.
	Network int32 `protobuf:"varint,1,opt,name=network,proto3"`
	Pid     int32 `protobuf:"varint,2,opt,name=pid,proto3"`
	Ipc     int32 `protobuf:"varint,3,opt,name=ipc,proto3"`
}
type int64Value struct {
	XXX_NoUnkeyedLiteral
	Value int64 `protobuf:"varint,1,opt,name=value,proto3"`
}
type podMetadata struct {
	XXX_NoUnkeyedLiteral
	Name      string `protobuf:"bytes,1,opt,name=name,proto3"`
	UID       string `protobuf:"bytes,2,opt,name=uid,proto3"`
	Namespace string `protobuf:"bytes,3,opt,name=namespace,proto3"`
}
type podSecurity struct {
	XXX_NoUnkeyedLiteral
	Namespaces *namespaceOption `protobuf:"bytes,1,opt,name=namespace_options,proto3"`
	Seccomp    *securityProfile `protobuf:"bytes,9,opt,name=seccomp,proto3"`
}
type linuxPod struct {
	XXX_NoUnkeyedLiteral
	CgroupParent string            `protobuf:"bytes,1,opt,name=cgroup_parent,proto3"`
	Security     *podSecurity      `protobuf:"bytes,2,opt,name=security_context,proto3"`
	Sysctls      map[string]string `protobuf:"bytes,3,rep,name=sysctls,proto3" protobuf_key:"bytes,1,opt,name=key,proto3" protobuf_val:"bytes,2,opt,name=value,proto3"`
}
type podConfig struct {
	XXX_NoUnkeyedLiteral
	Metadata     *podMetadata `protobuf:"bytes,1,opt,name=metadata,proto3"`
	Hostname     string       `protobuf:"bytes,2,opt,name=hostname,proto3"`
	LogDirectory string       `protobuf:"bytes,3,opt,name=log_directory,proto3"`
	Linux        *linuxPod    `protobuf:"bytes,8,opt,name=linux,proto3"`
}
type runPodRequest struct {
	XXX_NoUnkeyedLiteral
	Config  *podConfig `protobuf:"bytes,1,opt,name=config,proto3"`
	Handler string     `protobuf:"bytes,2,opt,name=runtime_handler,proto3"`
}

// A request or an answer that is an id, or none: of a pod or of a container.
type idMessage struct {
	XXX_NoUnkeyedLiteral
	ID string `protobuf:"bytes,1,opt,name=id,proto3"`
}
type podStatus struct {
	XXX_NoUnkeyedLiteral
	State   int32 `protobuf:"varint,3,opt,name=state,proto3"`
	Network *struct {
		XXX_NoUnkeyedLiteral
		IP string `protobuf:"bytes,1,opt,name=ip,proto3"`
	} `protobuf:"bytes,5,opt,name=network,proto3"`
}
type podStatusResponse struct {
	XXX_NoUnkeyedLiteral
	Status *podStatus `protobuf:"bytes,1,opt,name=status,proto3"`
}

type containerMetadata struct {
	XXX_NoUnkeyedLiteral
	Name string `protobuf:"bytes,1,opt,name=name,proto3"`
}
type imageSpec struct {
	XXX_NoUnkeyedLiteral
	Image string `protobuf:"bytes,1,opt,name=image,proto3"`
}
type keyValue struct {
	XXX_NoUnkeyedLiteral
	Key   string `protobuf:"bytes,1,opt,name=key,proto3"`
	Value string `protobuf:"bytes,2,opt,name=value,proto3"`
}
type mount struct {
	XXX_NoUnkeyedLiteral
	ContainerPath string `protobuf:"bytes,1,opt,name=container_path,proto3"`
	HostPath      string `protobuf:"bytes,2,opt,name=host_path,proto3"`
	Readonly      bool   `protobuf:"varint,3,opt,name=readonly,proto3"`
}
type resources struct {
	XXX_NoUnkeyedLiteral
	CPUPeriod   int64 `protobuf:"varint,1,opt,name=cpu_period,proto3"`
	CPUQuota    int64 `protobuf:"varint,2,opt,name=cpu_quota,proto3"`
	CPUShares   int64 `protobuf:"varint,3,opt,name=cpu_shares,proto3"`
	Memory      int64 `protobuf:"varint,4,opt,name=memory_limit_in_bytes,proto3"`
	OOMScoreAdj int64 `protobuf:"varint,5,opt,name=oom_score_adj,proto3"`
}
type containerSecurity struct {
	XXX_NoUnkeyedLiteral
	Namespaces    *namespaceOption `protobuf:"bytes,3,opt,name=namespace_options,proto3"`
	RunAsUser     *int64Value      `protobuf:"bytes,5,opt,name=run_as_user,proto3"`
	NoNewPrivs    bool             `protobuf:"varint,11,opt,name=no_new_privs,proto3"`
	MaskedPaths   []string         `protobuf:"bytes,13,rep,name=masked_paths,proto3"`
	ReadonlyPaths []string         `protobuf:"bytes,14,rep,name=readonly_paths,proto3"`
	Seccomp       *securityProfile `protobuf:"bytes,15,opt,name=seccomp,proto3"`
}
type linuxContainer struct {
	XXX_NoUnkeyedLiteral
	Resources *resources         `protobuf:"bytes,1,opt,name=resources,proto3"`
	Security  *containerSecurity `protobuf:"bytes,2,opt,name=security_context,proto3"`
}
type containerConfig struct {
	XXX_NoUnkeyedLiteral
	Metadata   *containerMetadata `protobuf:"bytes,1,opt,name=metadata,proto3"`
	Image      *imageSpec         `protobuf:"bytes,2,opt,name=image,proto3"`
	Command    []string           `protobuf:"bytes,3,rep,name=command,proto3"`
	Args       []string           `protobuf:"bytes,4,rep,name=args,proto3"`
	WorkingDir string             `protobuf:"bytes,5,opt,name=working_dir,proto3"`
	Envs       []*keyValue        `protobuf:"bytes,6,rep,name=envs,proto3"`
	Mounts     []*mount           `protobuf:"bytes,7,rep,name=mounts,proto3"`
	LogPath    string             `protobuf:"bytes,11,opt,name=log_path,proto3"`
	Linux      *linuxContainer    `protobuf:"bytes,15,opt,name=linux,proto3"`
}
type createRequest struct {
	XXX_NoUnkeyedLiteral
	Pod       string           `protobuf:"bytes,1,opt,name=pod_sandbox_id,proto3"`
	Config    *containerConfig `protobuf:"bytes,2,opt,name=config,proto3"`
	PodConfig *podConfig       `protobuf:"bytes,3,opt,name=sandbox_config,proto3"`
}
type stopRequest struct {
	XXX_NoUnkeyedLiteral
	ID      string `protobuf:"bytes,1,opt,name=container_id,proto3"`
	Timeout int64  `protobuf:"varint,2,opt,name=timeout,proto3"`
}
type containerStatus struct {
	XXX_NoUnkeyedLiteral
	State    int32  `protobuf:"varint,3,opt,name=state,proto3"`
	ExitCode int32  `protobuf:"varint,7,opt,name=exit_code,proto3"`
	Reason   string `protobuf:"bytes,10,opt,name=reason,proto3"`
}
type containerStatusResponse struct {
	XXX_NoUnkeyedLiteral
	Status *containerStatus `protobuf:"bytes,1,opt,name=status,proto3"`
}
type updateRequest struct {
	XXX_NoUnkeyedLiteral
	ID    string     `protobuf:"bytes,1,opt,name=container_id,proto3"`
	Linux *resources `protobuf:"bytes,2,opt,name=linux,proto3"`
}
type execRequest struct {
	XXX_NoUnkeyedLiteral
	ID      string   `protobuf:"bytes,1,opt,name=container_id,proto3"`
	Cmd     []string `protobuf:"bytes,2,rep,name=cmd,proto3"`
	Timeout int64    `protobuf:"varint,3,opt,name=timeout,proto3"`
}
type execResponse struct {
	XXX_NoUnkeyedLiteral
	Stdout   []byte `protobuf:"bytes,1,opt,name=stdout,proto3"`
	Stderr   []byte `protobuf:"bytes,2,opt,name=stderr,proto3"`
	ExitCode int32  `protobuf:"varint,3,opt,name=exit_code,proto3"`
}

func fail(what string, err error) {
	fmt.Println(what+":", err)
	os.Exit(1)
}

type client struct{ connection *grpc.ClientConn }

func (c client) try(method string, request, response interface{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	return c.connection.Invoke(ctx, "/runtime.v1.RuntimeService/"+method, request, response)
}

func (c client) call(method string, request, response interface{}) {
	if err := c.try(method, request, response); err != nil {
		fail(method, err)
	}
}

func (c client) podState(id string) string {
	var answer podStatusResponse
	c.call("PodSandboxStatus", &idMessage{ID: id}, &answer)
	return []string{"ready", "not ready"}[answer.Status.State]
}

func (c client) containerStatus(id string) *containerStatus {
	var answer containerStatusResponse
	c.call("ContainerStatus", &idMessage{ID: id}, &answer)
	return answer.Status
}

var stateNames = []string{"created", "running", "exited", "unknown"}

// state prints the container's state, when it has changed to that one.
func (c client) state(name, id string, wanted string) {
	deadline := time.Now().Add(3 * time.Minute)
	for {
		status := c.containerStatus(id)
		if stateNames[status.State] == wanted || time.Now().After(deadline) {
			fmt.Printf("%s: %s, exit code %d, %q\n", name, stateNames[status.State], status.ExitCode, status.Reason)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (c client) exec(name, id string, command ...string) string {
	var answer execResponse
	c.call("ExecSync", &execRequest{ID: id, Cmd: command, Timeout: 180}, &answer)
	fmt.Printf("%s: exec %s: exit code %d\n%s%s", name, strings.Join(command, " "), answer.ExitCode, answer.Stdout, answer.Stderr)
	return string(answer.Stdout)
}

func main() {
	socket, handler, image := os.Args[1], os.Args[2], os.Args[3]
	pidMode := int32(0)
	if os.Args[4] == "own" {
		pidMode = 1
	}
	connection, err := grpc.Dial("unix://"+socket, grpc.WithInsecure(), grpc.WithBlock(), grpc.WithTimeout(3*time.Minute))
	if err != nil {
		fail(socket, err)
	}
	c := client{connection}
	logs := "/tmp/cri/logs-" + handler

	pod := &podConfig{
		Metadata:     &podMetadata{Name: "pod-" + handler, UID: "uid-" + handler, Namespace: "default"},
		Hostname:     "pod",
		LogDirectory: logs,
		Linux: &linuxPod{
			CgroupParent: "/kubepods/pod-" + handler,
			Security:     &podSecurity{Namespaces: &namespaceOption{Pid: pidMode}, Seccomp: &securityProfile{Type: 0}},
			Sysctls:      map[string]string{"net.ipv4.ip_unprivileged_port_start": "0"},
		},
	}
	var podID idMessage
	c.call("RunPodSandbox", &runPodRequest{Config: pod, Handler: handler}, &podID)
	var status podStatusResponse
	c.call("PodSandboxStatus", &idMessage{ID: podID.ID}, &status)
	fmt.Println("pod:", c.podState(podID.ID))
	fmt.Println("pod: address in 10.99:", strings.HasPrefix(status.Status.Network.IP, "10.99."))

	// Two containers, as a kubelet makes them: a server, which is an ordinary user, and a client.
	seccomp := &securityProfile{Type: 0}
	hidden := []string{"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/scsi", "/sys/firmware"}
	readonly := []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
	create := func(name string, security *containerSecurity, limits *resources, mounts []*mount, command ...string) string {
		security.Namespaces = &namespaceOption{Pid: pidMode}
		security.MaskedPaths, security.ReadonlyPaths = hidden, readonly
		var id idMessage
		c.call("CreateContainer", &createRequest{Pod: podID.ID, PodConfig: pod, Config: &containerConfig{
			Metadata: &containerMetadata{Name: name},
			Image:    &imageSpec{Image: image},
			Command:  command,
			Envs:     []*keyValue{{Key: "NAME", Value: name}},
			Mounts:   mounts,
			LogPath:  name + ".log",
			Linux:    &linuxContainer{Resources: limits, Security: security},
		}}, &id)
		c.state(name, id.ID, "created")
		return id.ID
	}
	server := create("server", &containerSecurity{Seccomp: seccomp, RunAsUser: &int64Value{Value: 1000}, NoNewPrivs: true},
		&resources{CPUPeriod: 100000, CPUQuota: 50000, CPUShares: 512, Memory: 64 << 20, OOMScoreAdj: 1000},
		[]*mount{{ContainerPath: "/mnt", HostPath: "/tmp/cri/volume", Readonly: true}},
		"sh", "-c", "trap 'exit 9' TERM; httpd -p 80 -h /mnt; while true; do sleep 0.05; done")
	other := create("client", &containerSecurity{Seccomp: &securityProfile{Type: 1}}, &resources{CPUShares: 2, OOMScoreAdj: 1000}, nil,
		"sh", "-c", "until wget -q -O - http://127.0.0.1/; do sleep 0.05; done; exit 3")
	c.call("StartContainer", &idMessage{ID: server}, &idMessage{})
	c.state("server", server, "running")
	c.call("StartContainer", &idMessage{ID: other}, &idMessage{})
	c.state("client", other, "exited")
	text, err := os.ReadFile(logs + "/client.log")
	if err != nil {
		fail("the client's log", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		// Each begins with the time.
		if fields := strings.SplitN(line, " ", 2); strings.HasPrefix(fields[1], "stdout") {
			fmt.Println("client: log:", fields[1])
		}
	}

	c.exec("server", server, "sh", "-c", "id; hostname; echo $NAME; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; exit 5")
	c.exec("server", server, "sh", "-c", "echo error >&2; touch /mnt/file; cat /proc/self/oom_score_adj")
	c.exec("server", server, "sh", "-c", "cat /proc/self/status | grep -E '^(Cap|NoNewPrivs|Seccomp:)'; calls")
	// /proc/self is there if the command is in the pid namespace of this /proc.
	c.exec("server", server, "sh", "-c", "cat /proc/1/comm; [ -e /proc/self ] && echo joined")
	c.call("UpdateContainerResources", &updateRequest{ID: server, Linux: &resources{CPUShares: 1024, Memory: 128 << 20}}, &idMessage{})
	if err := c.try("ExecSync", &execRequest{ID: server, Cmd: []string{"no-such-program"}, Timeout: 180}, &execResponse{}); err != nil {
		fmt.Println("server: exec of a program that is not there is an error:", strings.Contains(err.Error(), "executable file not found"))
	}
	// A probe that takes too long is killed.
	if err := c.try("ExecSync", &execRequest{ID: server, Cmd: []string{"sleep", "1000000"}, Timeout: 1}, &execResponse{}); err != nil {
		fmt.Println("server: exec with a timeout ends:", strings.Contains(err.Error(), "timeout") || strings.Contains(err.Error(), "deadline"))
	}

	// What the default profile allows to root.
	debug := create("debug", &containerSecurity{Seccomp: seccomp}, &resources{OOMScoreAdj: 1000}, nil, "sh", "-c", "calls; exit 4")
	c.call("StartContainer", &idMessage{ID: debug}, &idMessage{})
	c.state("debug", debug, "exited")
	text, _ = os.ReadFile(logs + "/debug.log")
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fmt.Println("debug: log:", strings.SplitN(line, " ", 2)[1])
	}

	// A command that is not there: the container is created, and does not start.
	missing := create("missing", &containerSecurity{Seccomp: seccomp}, &resources{OOMScoreAdj: 1000}, nil, "no-such-program")
	err = c.try("StartContainer", &idMessage{ID: missing}, &idMessage{})
	fmt.Println("missing: is not started:", err != nil && strings.Contains(err.Error(), "executable file not found"))
	c.state("missing", missing, "exited")

	c.call("StopContainer", &stopRequest{ID: server, Timeout: 120}, &idMessage{})
	c.state("server", server, "exited")
	for _, id := range []string{server, other, debug, missing} {
		c.call("RemoveContainer", &idMessage{ID: id}, &idMessage{})
	}
	err = c.try("ContainerStatus", &idMessage{ID: server}, &containerStatusResponse{})
	fmt.Println("server: is removed:", err != nil)
	c.call("StopPodSandbox", &idMessage{ID: podID.ID}, &idMessage{})
	fmt.Println("pod:", c.podState(podID.ID))
	c.call("RemovePodSandbox", &idMessage{ID: podID.ID}, &idMessage{})
	err = c.try("PodSandboxStatus", &idMessage{ID: podID.ID}, &podStatusResponse{})
	fmt.Println("pod: is removed:", err != nil)
}
