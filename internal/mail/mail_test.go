package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"roster"
)

// peer is a mail server: the protocol as RFC 5321, 3207 and 4954 have it, on a real socket.
type peer struct {
	t       *testing.T
	l       net.Listener
	tls     *tls.Config // offers STARTTLS; nil: it cannot
	roots   *x509.CertPool
	refuse  string      // a verb to answer 550
	letters chan letter // what it took
}

type letter struct {
	encrypted      bool
	login          string // what AUTH PLAIN said
	from, to, text string
}

func newPeer(t *testing.T, encrypts bool) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, l: l, letters: make(chan letter, 1)}
	if encrypts {
		p.certify()
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				p.talk(c)
			}()
		}
	}()
	return p
}

func (p *peer) certify() {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		p.t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	p.roots = x509.NewCertPool()
	p.roots.AddCert(own)
	p.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// talk is one conversation.
func (p *peer) talk(c net.Conn) {
	in := bufio.NewReader(c)
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	var got letter
	say("220 peer ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch verb = strings.ToUpper(verb); {
		case verb == p.refuse:
			say("550 no such user")
		case verb == "EHLO" && p.tls != nil && !got.encrypted:
			say("250-peer\r\n250 STARTTLS")
		case verb == "EHLO":
			say("250-peer\r\n250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go ahead")
			c = tls.Server(c, p.tls)
			in, got.encrypted = bufio.NewReader(c), true
		case verb == "AUTH":
			plain, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			got.login = string(plain)
			say("235 welcome")
		case verb == "MAIL":
			got.from = rest
			say("250 ok")
		case verb == "RCPT":
			got.to = rest
			say("250 ok")
		case verb == "DATA":
			say("354 go ahead")
			for got.text = ""; !strings.HasSuffix(got.text, "\r\n.\r\n"); {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				got.text += line
			}
			p.letters <- got
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default: // NOOP, RSET
			say("250 ok")
		}
	}
}

// took is the letter that was just sent.
func (p *peer) took() (l letter) {
	p.t.Helper()
	select {
	case l = <-p.letters:
	default:
		p.t.Error("it took no letter")
	}
	return l
}

// sender is Roster's side of it, as --mail describes it.
func (p *peer) sender(login, more string) smtp {
	p.t.Helper()
	s, err := parseSMTP("smtp://" + login + p.l.Addr().String() + "?from=Roster+%3Croster@example.com%3E" + more)
	if err != nil {
		p.t.Fatal(err)
	}
	s.options = append(s.options, mail.WithTLSConfig(&tls.Config{RootCAs: p.roots, ServerName: "127.0.0.1"}))
	return s
}

var invitation = roster.Mail{ID: 7, Recipient: "uma@example.com", Subject: "Invitation to Ångström",
	Text: "Hello,\n\n.\nhttps://roster.example.com/user/signup/?token=0123456789abcdef0123456789abcdef01234567\n"}

func TestSMTP(t *testing.T) {
	p := newPeer(t, true)
	if err := p.sender("roster:secret%20word@", "").send(context.Background(), invitation); err != nil {
		t.Fatal(err)
	}
	got := p.took()
	if !got.encrypted || got.login != "\x00roster\x00secret word" {
		t.Errorf("encrypted %v, signed in with %q", got.encrypted, got.login)
	}
	if !strings.Contains(got.from, "<roster@example.com>") || !strings.Contains(got.to, "<uma@example.com>") {
		t.Errorf("from %s to %s", got.from, got.to)
	}
	m, err := netmail.ReadMessage(strings.NewReader(got.text))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"From": `"Roster" <roster@example.com>`, "To": "<uma@example.com>",
		"Subject": "=?UTF-8?q?Invitation_to_=C3=85ngstr=C3=B6m?=", "Auto-Submitted": "auto-generated"} {
		if m.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, m.Header.Get(name), want)
		}
	}
	if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(got.text, "=\r\n", ""), "=3D", "="),
		"/user/signup/?token=0123456789abcdef0123456789abcdef01234567\r\n") {
		t.Errorf("the link is broken in\n%s", got.text)
	}
	// sent twice it can be told to be one
	if err := p.sender("", "").send(context.Background(), invitation); err != nil {
		t.Fatal(err)
	}
	again, err := netmail.ReadMessage(strings.NewReader(p.took().text))
	if err != nil || again.Header.Get("Message-ID") != m.Header.Get("Message-ID") || m.Header.Get("Message-ID") == "" {
		t.Errorf("Message-ID %q and then %q %v", m.Header.Get("Message-ID"), again.Header.Get("Message-ID"), err)
	}
}

// Nothing leaves unencrypted unless that was asked for.
func TestSMTPEncrypts(t *testing.T) {
	plain := newPeer(t, false)
	for how, sent := range map[string]bool{"": false, "&tls=starttls": false, "&tls=opportunistic": true,
		"&tls=off": true} {
		if err := plain.sender("", how).send(context.Background(), invitation); (err == nil) != sent {
			t.Errorf("%q to a server without TLS: %v", how, err)
		}
		if sent {
			plain.took()
		}
	}
	if err := plain.sender("roster:secret@", "&tls=off").send(context.Background(), invitation); err == nil {
		t.Errorf("a password in the clear: %+v", plain.took())
	}
	wrong := newPeer(t, true)
	wrong.roots = x509.NewCertPool()
	if err := wrong.sender("", "").send(context.Background(), invitation); err == nil {
		t.Error("a certificate that nobody vouches for is trusted")
	}
}

func TestSMTPRefused(t *testing.T) {
	p := newPeer(t, true)
	p.refuse = "RCPT"
	if err := p.sender("", "").send(context.Background(), invitation); err == nil ||
		!strings.Contains(err.Error(), "550") {
		t.Errorf("refused: %v", err)
	}
	p.refuse = "QUIT"
	if err := p.sender("", "").send(context.Background(), invitation); err != nil {
		t.Errorf("taken, and then an unfriendly goodbye: %v", err)
	}
	p.took()
	p.l.Close()
	if err := p.sender("", "").send(context.Background(), invitation); err == nil {
		t.Error("nobody there, and sent")
	}
	for _, m := range []roster.Mail{{Recipient: "uma@example.com", Subject: "a\r\nBcc: all@example.com"},
		{Recipient: "uma@example.com\r\nBcc: all@example.com"}} {
		if _, err := p.sender("", "").letter(m); err == nil {
			t.Errorf("a header in %+v", m)
		}
	}
}

func TestParse(t *testing.T) {
	for _, good := range []string{"log", "smtp://mx.example.com?from=roster@example.com",
		"smtps://u:p@mx.example.com:465/?from=roster@example.com",
		"smtp://u@mx.example.com:25?from=roster@example.com&tls=off"} {
		if _, err := Parse(good, nil); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "sendmail", "smtp://", "smtp://mx.example.com", "smtp://mx.example.com?from=x",
		"http://mx.example.com?from=roster@example.com",
		"smtp://mx.example.com:x?from=roster@example.com", "smtp://mx.example.com:0?from=roster@example.com",
		"smtp://mx.example.com:99999?from=roster@example.com",
		"smtps://mx.example.com?from=roster@example.com&tls=off", "smtp://mx.example.com?from=roster@example.com&tls=maybe",
		"smtp://u:hunter2@mx.example.com:x?from=a"} {
		if _, err := Parse(bad, nil); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	send, err := Parse("log", &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := send(context.Background(), invitation); err != nil ||
		!strings.Contains(out.String(), "?token=0123456789abcdef0123456789abcdef01234567\n") ||
		!strings.Contains(out.String(), "To: uma@example.com\n") {
		t.Errorf("%v %s", err, &out)
	}
}

// What is said of a transport holds no password.
func TestDescribe(t *testing.T) {
	for text, want := range map[string]string{
		"log": "reach nobody",
		"smtp://me:hunter2@mail.example.com:25?from=Roster+<r@example.com>": "mail.example.com, from r@example.com.",
		"nonsense": "",
	} {
		if got := english(text); !strings.Contains(got, want) || strings.Contains(string(Describe(text)), "hunter2") ||
			(want == "") != (got == "") || (want == "") != (Describe(text) == "") {
			t.Errorf("%s: %q", text, got)
		}
	}
}
