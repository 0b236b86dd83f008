package roster

// Identity is who an OpenID Connect provider says somebody is.
type Identity struct {
	Issuer, Subject     string // together they name the person for good
	Email               string
	EmailVerified       bool // the provider answers for the e-mail being theirs
	FirstName, LastName string
	Groups              []string // by name; nil when nobody asked for them
}

// SignOnAnswer is what a provider sends a browser back with.
type SignOnAnswer struct {
	State, Code   string
	Issuer        string // RFC 9207; "" from providers that do not say it
	Error, Reason string // what went wrong, as a code and perhaps in words
}

// OddAddress is somebody who keeps an address from before that nobody could be given
// today, or whose mailbox another person has in another spelling.
type OddAddress struct {
	User  User
	Why   string // what is wrong with the address, as a sentence; "" where nothing is
	Owner User   // who is known by the mailbox; zero where nobody is
}
