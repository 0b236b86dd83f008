package core

import (
	"strings"

	"roster"
	"roster/internal/mailbox"
)

// CleanEmail is an e-mail address that somebody is to have from now on, in the spelling
// in which it is kept. One that could be taken for another person's is refused.
func CleanEmail(email string) (string, error) {
	address, err := mailbox.Admit(email)
	if err != nil {
		return "", refusedEmail(mailbox.WhyNot(email))
	}
	return address.Text, nil
}

// refusedEmail says that an address is refused, and why where there is a reason.
func refusedEmail(why string) error {
	if why == "" {
		return roster.InvalidField("email", "Enter a valid email address.")
	}
	return roster.InvalidField("email", "Enter a valid email address. %s", roster.Text(strings.TrimSpace(why)))
}

// EmailReason is why CleanEmail refuses an address, as a second sentence with a blank
// before it; "" for what is no address at all.
func EmailReason(email string) string { return mailbox.WhyNot(email) }

// EmailText is the same, to be said in any language, without the blank.
func EmailText(email string) roster.Text {
	return roster.Text(strings.TrimSpace(mailbox.WhyNot(email)))
}

// RefusedEmail reports whether a text is an e-mail address that CleanEmail refuses. People
// may have it from before.
func RefusedEmail(email string) bool { return !mailbox.Admitted(email) }

// BarredEmail reports whether a text is an e-mail address, and one that nobody can have.
func BarredEmail(email string) bool { return mailbox.Barred(email) }

// KnownEmail is an e-mail address that somebody is looked for by, who may have one from
// before that nobody could be given today. It refuses what is none at all.
func KnownEmail(email string) (string, error) {
	if _, err := mailbox.Parse(email); err != nil && !BarredEmail(email) {
		return "", refusedEmail(mailbox.Why(email))
	}
	return mailbox.Clean(email), nil
}

// EmailKey is by which addresses are one mailbox.
func EmailKey(email string) string { return mailbox.Key(email) }

// SameEmail reports whether two addresses are one mailbox.
func SameEmail(one, other string) bool { return EmailKey(one) == EmailKey(other) }
