package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"roster/internal/app"
	"roster/internal/auth"
	"roster/internal/core"
	"roster/internal/server"
)

// serveFlag makes this program one of the servers that are measured: a process
// of its own, so that its memory is the server's and nobody else's.
const serveFlag = "-serve"

// secret is the server key of the stores that are measured.
var secret = []byte("a benchmark keeps no secrets")

// servers are what this program can be, by name.
var servers = map[string]func(ctx context.Context, l net.Listener, args []string){
	"roster":   serveRoster,
	"gate":     serveGate,
	"proxy":    serveProxy,
	"upstream": serveUpstream,
	"decision": serveDecision,
}

// serve answers on a free port, which it prints, until its standard input ends.
func serve(name string, args []string) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	l := get(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Println(l.Addr())
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	servers[name](ctx, l, args)
}

func serveRoster(ctx context.Context, l net.Listener, args []string) {
	db := open(args[0])
	defer db.Close()
	a := get(app.New(db, core.DefaultConfig(), secret))
	must(server.Serve(ctx, l, a, server.Handler(a, "bench")))
}

// process is a server in a process of its own.
type process struct {
	command *exec.Cmd
	end     func() error // tells it to end
	url     string
}

func startProcess(name string, args ...string) process {
	p := process{command: exec.Command(get(os.Executable()), append([]string{serveFlag, name}, args...)...)}
	p.command.Stderr = os.Stderr
	p.end = get(p.command.StdinPipe()).Close
	stdout := get(p.command.StdoutPipe())
	must(p.command.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(err)
	p.url = "http://" + strings.TrimSpace(line)
	return p
}

func (p process) stop() {
	p.end()
	p.command.Wait()
}

// startProgram starts a program that answers at an address, and waits until it does.
func startProgram(at string, command *exec.Cmd) process {
	must(command.Start())
	awaitListener(at)
	return process{command: command, end: func() error {
		return command.Process.Signal(os.Interrupt)
	}, url: "http://" + at}
}

// freeAddress is one that nobody listens at. Only binding a port tells.
func freeAddress() string {
	l := get(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	return l.Addr().String()
}

func awaitListener(at string) {
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", at); err == nil {
			conn.Close()
			return
		}
		check(time.Since(began) < time.Minute, "nothing answers at %s", at)
	}
}

// resident is the server's memory now and at its highest, in MB.
func (p process) resident() (now, peak float64) {
	text := string(get(os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))))
	return statusMB(text, "VmRSS:"), statusMB(text, "VmHWM:")
}

func statusMB(text, field string) float64 {
	_, after, ok := strings.Cut(text, field)
	check(ok, "the system does not tell %s", field)
	return float64(get(strconv.Atoi(strings.Fields(after)[0]))) / 1024
}

// remote is a Roster, and somebody signed in to it.
type remote struct {
	process
	token   string
	session string // used instead of the token by what browsers ask for
}

func startServer(address, token string) *remote {
	return &remote{process: startProcess("roster", address), token: token}
}

// call makes a request and reads the whole answer into out, if that is not nil.
func (r *remote) call(method, path string, out any) http.Header {
	return r.send(method, path, nil, out)
}

// send makes a request with a body in JSON, if that is not nil.
func (r *remote) send(method, path string, in, out any) http.Header {
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(get(json.Marshal(in)))
	}
	answer := r.answered(method, path, body)
	defer answer.Body.Close()
	if out == nil {
		get(io.Copy(io.Discard, answer.Body))
	} else {
		must(json.NewDecoder(answer.Body).Decode(out))
		get(io.Copy(io.Discard, answer.Body))
	}
	return answer.Header
}

func (r *remote) request(method, path string) *http.Response { return r.answered(method, path, nil) }

func (r *remote) answered(method, path string, body io.Reader) *http.Response {
	request := get(http.NewRequest(method, r.url+path, body))
	request.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/api/") {
		request.Header.Set("Authorization", "Token "+r.token)
	} else {
		request.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: r.session})
	}
	answer := get(http.DefaultClient.Do(request))
	if answer.StatusCode >= 300 {
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		must(fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, body))
	}
	return answer
}
