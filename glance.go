package roster

import "time"

// Glance is what a list shows of a project or a workspace, beside its members: who of them
// does nothing, what there is to do, and when it was changed last.
type Glance struct {
	Counted  bool             // Inactive, Open and Steps are known: there are not too many people to count in a list
	Inactive int              // members of its own who were last active before a time
	Open     int              // assignments that are open in it; MostOpen+1: more than MostOpen
	Changed  time.Time        // its newest operation; zero: none
	Steps    []MembershipStep // how the members of a project came about, as a chart shows them; nil: of a workspace
}

// MostOpen is how far open assignments are counted in a list.
const MostOpen = 10_000

// Waits is what waits in an organization for whoever looks after its people. Of what is
// named, the first are, and how many there are in all.
type Waits struct {
	People                   int // in the organization
	Inactive, Never, Waiting int // who were inactive since a time, were never active, wait for a role
	Invited                  int // invitations that nobody accepted yet
	Unmanaged                []Project
	UnmanagedTotal           int    // projects without a Manager
	Idle                     []User // with their names and e-mails
	IdleTotal                int    // people without work (WithoutWork)
}
