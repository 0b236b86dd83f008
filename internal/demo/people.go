package demo

import (
	"fmt"
	"strconv"
	"time"

	"roster"
)

// The organization is a little older than its oldest people.
const (
	founded  = 740.0 // days ago
	earliest = 735.0
)

// person is somebody in the organization, with the language of their name.
type person struct {
	roster.OrganizationMember
	locale string
}

// is reports whether the person has the role and has not been deleted.
func (p person) is(roles ...roster.Role) bool {
	for _, role := range roles {
		if p.Membership.Role == role {
			return p.Membership.DeletedAt.IsZero()
		}
	}
	return false
}

// left is when the person stopped working here; zero: they still do.
func (p person) left() time.Time {
	if p.Membership.Role == roster.RoleDeactivated && p.Membership.DeletedAt.IsZero() {
		return p.User.LastActivity
	}
	return p.Membership.DeletedAt
}

// census makes up people.
type census struct {
	dice
	lexicons []lexicon
	weights  int
	taken    map[string]int // how many have a mailbox of this name
}

// people makes up everybody; the owner comes first.
func people(o Options) []person {
	c := &census{dice: throw(o, 1), lexicons: lexicons(), taken: map[string]int{"owner": 1}}
	for _, l := range locales {
		c.weights += l.weight
	}
	out := make([]person, o.People)
	out[0] = c.owner()
	for i := 1; i < len(out); i++ {
		out[i] = c.person(i)
	}
	return out
}

func (c *census) owner() person {
	begun := c.ago(founded)
	return person{locale: "en", OrganizationMember: roster.OrganizationMember{
		User: roster.User{Email: ownerEmail, Username: ownerEmail, FirstName: ownerFirst, LastName: ownerLast,
			DateJoined: begun, LastActivity: c.ago(0.05)},
		Membership: roster.OrganizationMembership{Role: roster.RoleOwner, RoleSource: roster.SourceManual,
			UserType: roster.SeatStandard, CreatedAt: begun},
	}}
}

// services are the accounts of machines: the second and third of the people
// after the administrators.
var services = []roster.User{
	{Email: "prelabeling@example.com", Username: "prelabeling", FirstName: "Pre-labeling", LastName: "Service"},
	{Email: "quality-gate@example.com", Username: "quality-gate", FirstName: "Quality", LastName: "Gate"},
}

const administrators = 4

func (c *census) person(i int) (p person) {
	p.Membership = c.seat(i)
	if at := i - 1 - administrators; at >= 0 && at < len(services) {
		p.User = services[at]
	} else {
		p.User, p.locale = c.user()
	}
	old := p.Membership.UserType == roster.SeatService || p.Membership.Role == roster.RoleAdministrator ||
		p.Membership.Role == roster.RoleManager
	p.User.DateJoined, p.User.LastActivity = c.activity(p.Membership.Role, old)
	p.Membership.CreatedAt = p.User.DateJoined
	if p.is(roster.RoleAnnotator, roster.RoleReviewer, roster.RoleDeactivated) &&
		p.Membership.UserType != roster.SeatService && c.percent(2.1) {
		c.leave(&p)
	}
	return p
}

// seat draws the role, who set it, and the kind of seat.
func (c *census) seat(i int) roster.OrganizationMembership {
	m := roster.OrganizationMembership{UserType: roster.SeatStandard, RoleSource: c.source()}
	switch at := i - 1; {
	case at < administrators:
		m.Role, m.RoleSource = roster.RoleAdministrator, roster.SourceManual
		return m
	case at < administrators+len(services):
		m.Role, m.UserType, m.RoleSource = roster.RoleAnnotator, roster.SeatService, roster.SourceAPI
		return m
	}
	switch r := c.Float64() * 100; {
	case r < 2:
		m.Role = roster.RoleManager
	case r < 14:
		m.Role = roster.RoleReviewer
	case r < 15:
		m.Role, m.UserType = roster.RoleViewOnly, roster.SeatViewOnly
	case r < 18:
		m.Role = roster.RoleNotActivated
	case r < 21:
		m.Role = roster.RoleDeactivated
	default:
		m.Role = roster.RoleAnnotator
	}
	if (m.Role == roster.RoleAnnotator || m.Role == roster.RoleReviewer) && c.percent(14) {
		m.UserType = roster.SeatFlex
	}
	return m
}

func (c *census) source() roster.RoleSource {
	return pick(c.dice, []roster.RoleSource{
		roster.SourceManual, roster.SourceManual, roster.SourceAPI, roster.SourceAPI, roster.SourceSAML,
		roster.SourceSAML, roster.SourceSCIM,
	})
}

// activity draws when a person joined and when they last did something: many
// this week, a third not for two months, some never.
func (c *census) activity(role roster.Role, old bool) (joined, last time.Time) {
	days := 0.0
	switch r := c.Float64() * 100; {
	case role == roster.RoleNotActivated || (r < 5 && !old):
		return c.ago(c.between(1, earliest, 1)), time.Time{}
	case role == roster.RoleDeactivated:
		days = c.between(25, 600, 2)
	case old:
		days = c.between(0.01, 30, 3)
	case r < 43:
		days = c.between(0.005, 7, 2)
	case r < 66:
		days = c.between(7, 60, 1)
	default:
		days = c.between(60, 690, 2)
	}
	since := max(days+0.5, 1)
	if old {
		since = 700
	}
	return c.ago(c.between(since, earliest, 1)), c.ago(days)
}

// leave deletes somebody, some time after they last did something.
func (c *census) leave(p *person) {
	last := p.User.LastActivity
	if last.IsZero() {
		last = p.User.DateJoined
	}
	share := c.between(0.3, 0.95, 1)
	p.Membership.DeletedAt = last.Add(time.Duration(share * float64(c.now.Sub(last)))).Truncate(time.Second)
}

// user makes up who somebody is.
func (c *census) user() (u roster.User, code string) {
	l := c.lexicon()
	name := l.name(c.dice)
	mailbox := c.mailbox(name)
	u.Email = mailbox + "@" + pick(c.dice, []string{"example.com", "example.com", "example.com", "example.org",
		"example.net"})
	u.FirstName, u.LastName, u.Username = name.first, name.last, u.Email
	if c.percent(35) {
		u.Username = mailbox
	}
	if c.percent(15) { // from the range that is kept free for fiction
		u.Phone = fmt.Sprintf("+44 20 7946 0%03d", c.IntN(1000))
	}
	return u, l.code
}

func (c *census) lexicon() *lexicon {
	at := c.IntN(c.weights)
	for i := range c.lexicons {
		if at -= c.lexicons[i].weight; at < 0 {
			return &c.lexicons[i]
		}
	}
	panic("demo: the weights do not add up")
}

// mailbox is the part of somebody's address before the @, unlike any other.
func (c *census) mailbox(n called) string {
	first, last := n.firstLatin, n.lastLatin
	var box string
	switch r := c.IntN(100); {
	case last == "":
		box = first
	case r < 62:
		box = first + "." + last
	case r < 78:
		box = first[:1] + "." + last
	case r < 90:
		box = last + "." + first
	default:
		box = first + last[:1]
	}
	c.taken[box]++
	if n := c.taken[box]; n > 1 {
		box += strconv.Itoa(n)
	}
	return box
}
