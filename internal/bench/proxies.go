package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The programs beside the gate: what somebody would put in front of an upstream
// instead. Each writes what it logs nowhere, and keeps its connections to the
// upstream, as the gate and the bare proxy do.

// program is one of them.
type program struct {
	name, binary string
	module       string // that it is built of, where it is a Go program
	// start writes what it needs into a folder, and returns what it is started with, to
	// answer at an address; enter does what a client has to once, who then comes without a
	// token of the upstream's.
	start func(u upstream, dir, at string) (arguments []string)
	enter func(*way)
}

var programs = []program{
	{name: "nginx", binary: "nginx", start: startNginx},
	{name: "Caddy", binary: ".cache/peers/caddy", module: "github.com/caddyserver/caddy/v2", start: startCaddy},
	{name: "oauth2-proxy", binary: ".cache/peers/oauth2-proxy", module: "github.com/oauth2-proxy/oauth2-proxy/v7",
		start: startOAuth2Proxy, enter: signIn},
}

// before starts the program before an upstream; nil where it is not here.
func (p program) before(u upstream) (w *way, stop func()) {
	path, err := exec.LookPath(p.binary)
	if err != nil {
		progress("  %s is not here, and is left out", p.name)
		return nil, func() {}
	}
	dir, at := get(os.MkdirTemp("", "roster-beside-*")), freeAddress()
	command := exec.Command(get(filepath.Abs(path)), p.start(u, dir, at)...)
	command.Env = append(os.Environ(), "HOME="+dir)
	running := startProgram(at, command)
	w = newWay(p.name, running.url, u.token)
	if p.module != "" {
		w.release = programVersion(path, p.module)
	}
	if p.enter != nil {
		p.enter(w)
	}
	return w, func() {
		running.stop()
		os.RemoveAll(dir)
	}
}

// host is the upstream's address.
func (u upstream) host() string { return get(url.Parse(u.url)).Host }

// nginxConfig keeps connections to the upstream, as the other ways do.
const nginxConfig = `daemon off;
worker_processes auto;
pid %[1]s/pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  upstream label_studio { server %[2]s; keepalive 256; keepalive_requests 1000000; }
  server {
    listen %[3]s;
    keepalive_requests 1000000;
    location / {
      proxy_pass http://label_studio;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }
  }
}
`

func startNginx(u upstream, dir, at string) []string {
	file := filepath.Join(dir, "nginx.conf")
	must(os.WriteFile(file, fmt.Appendf(nil, nginxConfig, dir, u.host(), at), 0o600))
	return []string{"-p", dir, "-c", file}
}

// caddyConfig is a proxy as its manual has it, on loopback without a certificate. It
// logs no requests unless told to.
const caddyConfig = `{
	admin off
	auto_https off
	persist_config off
	log default {
		output discard
	}
}
http://%s {
	reverse_proxy %s
}
`

func startCaddy(u upstream, dir, at string) []string {
	file := filepath.Join(dir, "Caddyfile")
	must(os.WriteFile(file, fmt.Appendf(nil, caddyConfig, at, u.host()), 0o600))
	return []string{"run", "--config", file, "--adapter", "caddyfile"}
}

// startOAuth2Proxy has it let people in as it does everywhere: by a session that its
// cookie holds, encrypted, so that it asks nobody about a request. How somebody signed in
// does not matter then, and is done by the password file that it takes besides a provider.
func startOAuth2Proxy(u upstream, dir, at string) []string {
	file := filepath.Join(dir, "people")
	must(os.WriteFile(file, []byte(oauth2Person), 0o600))
	return []string{"--http-address=" + at, "--upstream=" + u.url, "--htpasswd-file=" + file, "--email-domain=*",
		"--client-id=bench", "--client-secret=bench", "--cookie-secret=" + strings.Repeat("k", 32), "--cookie-secure=false",
	}
}

// oauth2Person is somebody with the password "correct horse", as htpasswd -s writes them.
const oauth2Person = "ann@example.com:{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=\n"

// signIn has what comes by w come with the session of somebody.
func signIn(w *way) {
	form := url.Values{"username": {"ann@example.com"}, "password": {ownerPassword}, "rd": {"/"}}
	r := get(http.NewRequest("POST", w.url+"/oauth2/sign_in", strings.NewReader(form.Encode())))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := get(http.DefaultTransport.RoundTrip(r)) // which follows no redirect
	defer answer.Body.Close()
	get(io.Copy(io.Discard, answer.Body))
	session := http.Header{}
	for _, c := range answer.Cookies() {
		session.Add("Cookie", c.Name+"="+c.Value)
	}
	check(len(session) > 0, "%s lets nobody sign in: %s", w.name, answer.Status)
	w.header = session
}

// programVersion is which release of a module a program was built of.
func programVersion(binary, module string) string {
	out, err := exec.Command("go", "version", "-m", binary).Output()
	if err != nil {
		return "not here"
	}
	_, after, _ := strings.Cut(string(out), "\t"+module+"\t")
	version, _, _ := strings.Cut(after, "\t")
	return cmp.Or(version, "of no release")
}
