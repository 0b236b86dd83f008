// Package mail takes letters from Roster's outbox to the world: over SMTP, or
// for development onto a log.
package mail

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"roster"
)

// Sender takes one letter away. It may be asked to take the same one again.
type Sender func(ctx context.Context, m roster.Mail) error

// Parse makes the sender that text describes: "log", which writes letters to
// out, or an SMTP server:
//
//	smtp://user:password@host:587?from=Roster <roster@example.com>
//
// smtp speaks STARTTLS or not at all, smtps begins with TLS. tls=opportunistic
// does without where the server cannot, tls=off always does.
func Parse(text string, out io.Writer) (Sender, error) {
	if text == "log" {
		return toLog(out), nil
	}
	s, err := parseSMTP(text)
	if err != nil {
		return nil, err
	}
	return s.send, nil
}

// Describe says in words how the sender that Parse makes of text sends, with
// nothing secret in it; "" for a text that it refuses.
func Describe(text string) roster.Text {
	format, args := described(text)
	return roster.Formatted(format, args...)
}

// described is the same as a format, and what its verbs stand for.
func described(text string) (format roster.Text, args []any) {
	if text == "log" {
		return "Letters are printed where the server runs and reach nobody (--mail=log).", nil
	}
	s, err := parseSMTP(text)
	if err != nil {
		return "", nil
	}
	return "Letters go out through the mail server %s, from %s.", []any{s.host, s.from.Address}
}

// english is Describe for the command line.
func english(text string) string {
	format, args := described(text)
	return fmt.Sprintf(string(format), args...)
}

// Check signs in at the mail server that text describes, sends nothing, and says in words
// how letters go out. It takes as long as ctx lets it.
func Check(ctx context.Context, text string) (string, error) {
	if text == "log" {
		return english(text), nil
	}
	s, err := parseSMTP(text)
	if err != nil {
		return "", err
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return "", err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return "", err
	}
	client.Close() // what a server says to the goodbye is no trouble
	return english(text), nil
}

// toLog is for development, where no mail leaves the machine: people find the
// link of an invitation in what the server prints.
func toLog(out io.Writer) Sender {
	return func(_ context.Context, m roster.Mail) error {
		_, err := fmt.Fprintf(out, "--- mail %d, not sent (--mail=log)\nTo: %s\nSubject: %s\n\n%s---\n", m.ID,
			m.Recipient, m.Subject, m.Text)
		return err
	}
}

// timeout bounds one delivery, from the first packet to the last.
const timeout = 30 * time.Second

// smtp sends through a server.
type smtp struct {
	host    string
	from    *netmail.Address
	options []mail.Option
}

func parseSMTP(text string) (smtp, error) {
	u, err := url.Parse(text)
	// the error of url.Parse, and the address itself, can hold the password
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return smtp{}, fmt.Errorf("not \"log\" or an address such as smtp://user:password@host:587?from=roster@example.com")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return smtp{}, fmt.Errorf("the part after ? cannot be read")
	}
	from, err := netmail.ParseAddress(query.Get("from"))
	if err != nil {
		return smtp{}, fmt.Errorf("from=%q is not an address such as roster@example.com", query.Get("from"))
	}
	s := smtp{host: u.Hostname(), from: from, options: []mail.Option{mail.WithTimeout(timeout)}}
	if err := s.encrypt(u.Scheme, query.Get("tls")); err != nil {
		return s, err
	}
	if err := s.port(u); err != nil {
		return s, err
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()),
			mail.WithPassword(password))
	}
	return s, nil
}

func (s *smtp) encrypt(scheme, policy string) error {
	policies := map[string]mail.TLSPolicy{"": mail.TLSMandatory, "starttls": mail.TLSMandatory,
		"opportunistic": mail.TLSOpportunistic, "off": mail.NoTLS}
	chosen, known := policies[policy]
	switch {
	case !known:
		return fmt.Errorf("tls=%q is not starttls, opportunistic or off", policy)
	case scheme == "smtps" && policy != "":
		return fmt.Errorf("smtps begins with TLS; leave out tls=%s", policy)
	case scheme == "smtps":
		s.options = append(s.options, mail.WithSSL())
	default:
		s.options = append(s.options, mail.WithTLSPolicy(chosen))
	}
	return nil
}

func (s *smtp) port(u *url.URL) error {
	text := u.Port()
	switch {
	case text == "" && u.Scheme == "smtps":
		text = "465"
	case text == "":
		text = "587"
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return fmt.Errorf("port %s is none", text)
	}
	s.options = append(s.options, mail.WithPort(int(port)))
	return nil
}

func (s smtp) send(ctx context.Context, m roster.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	letter, err := s.letter(m)
	if err != nil {
		return err
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if letter.IsDelivered() { // what a server says to the goodbye does not take it back
		return nil
	}
	return err
}

// letter is m as it travels. Its Message-ID is always the same, so that a mail
// server can tell a letter that was sent twice.
func (s smtp) letter(m roster.Mail) (*mail.Msg, error) {
	if strings.ContainsAny(m.Recipient+m.Subject, "\r\n") {
		return nil, fmt.Errorf("a line break in a header")
	}
	letter := mail.NewMsg()
	letter.FromMailAddress(s.from)
	if err := letter.To(m.Recipient); err != nil {
		return nil, err
	}
	letter.Subject(m.Subject)
	letter.SetDate()
	_, domain, _ := strings.Cut(s.from.Address, "@")
	letter.SetMessageIDWithValue(fmt.Sprintf("%d.%x@%s", m.ID, sha256.Sum256([]byte(m.Text)), domain))
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetBodyString(mail.TypeTextPlain, m.Text)
	return letter, nil
}
