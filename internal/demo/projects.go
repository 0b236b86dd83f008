package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"roster"
)

// group is a workspace. Its members are a share of the largest project's, in
// percent.
type group struct {
	title, description, color string
	share                     float64
}

var groups = []group{
	{"Computer vision", "Retail, road and satellite imagery.", "#2F6FED", 27},
	{"Language and speech", "Text and audio, in every language we have people for.", "#0E9F6E", 21},
	{"Clinical", "Patient data: trained and vetted people only.", "#C2410C", 6},
	{"Trust and safety", "User-generated content, reviewed twice.", "#7C3AED", 12},
}

// design is what a project is made from. Its members are a share of the
// largest project's, in percent.
type design struct {
	title, description, color string
	group                     int     // in groups; nowhere: in no workspace
	share                     float64 // of the largest project's members, in percent
	age                       float64 // days
	speaks                    string  // the locale that most of its people are of
	tasks                     int
	task                      string // the data of one, with its number
	assignedOnly              bool
	draft, archived           bool
}

const nowhere = -1

// projects are the designs of the first projects; the first is the largest.
// Past operations are about some of them (history.go).
var projects = []design{
	{"Street signs of European cities",
		"Boxes and classes for every traffic sign. Assigned work only: see the city guides before you start.", "#2F6FED",
		0, 100, 420, "", 2000, `{"image":"https://data.example.com/street-signs/%06d.jpg"}`, true, false, false},
	{"Retail shelf audit", "Count the facings of each product; mark empty shelf space.", "#F59E0B", 0, 66, 365, "",
		0, "", false, false, false},
	{"Land use of Iberia from orbit", "Outline fields, forest, water and built-up land on 10 m tiles.", "#16A34A",
		0, 30, 300, "", 900, `{"image":"https://data.example.com/iberia/tile-%06d.tif"}`, false, false, false},
	{"Wheat ears from drones", "Season 1, finished. Kept for reference.", "#A16207", 0, 5, 690, "", 0, "", false,
		false, true},
	{"Call centre transcripts, Spanish", "Correct the machine transcript and mark who speaks.", "#DB2777",
		1, 45, 240, "es", 1200, `{"audio":"https://data.example.com/calls-es/%06d.flac"}`, true, false, false},
	{"Entities in court rulings", "Parties, statutes, dates and amounts.", "#475569", 1, 24, 510, "", 0, "", false,
		false, false},
	{"Arabic dialect identification", "Which dialect is spoken? Native speakers only.", "#0E9F6E",
		1, 12, 150, "ar", 600, `{"audio":"https://data.example.com/dialects/%06d.wav"}`, false, false, false},
	{"Product review sentiment", "Aspect and polarity, five languages.", "#EA580C", 1, 55, 600, "", 0, "", false,
		false, false},
	{"Chest X-ray findings", "Fourteen findings with boxes; every study is read twice.", "#C2410C",
		2, 8, 200, "", 300, `{"image":"https://data.example.com/cxr/%06d.png"}`, true, false, false},
	{"Surgical instrument outlines", "In preparation: the guideline is not approved yet.", "#9333EA", 2, 5, 95, "",
		0, "", false, true, false},
	{"Comment moderation, second opinion", "Disputed decisions, without sight of the first.", "#7C3AED", 3, 38,
		330, "", 0, "", false, false, false},
	{"Invoice fields", "Pilot for a customer; amounts, dates and tax numbers.", "#0891B2", nowhere, 7, 110, "", 0,
		"", false, false, false},
}

// designOf is the design of project i; those after the first repeat the
// others' in later batches.
func designOf(i int) design {
	s := projects[i%len(projects)]
	if batch := i / len(projects); batch > 0 {
		s.title = fmt.Sprintf("%s, batch %d", s.title, batch+1)
		s.share = min(s.share, 66)
	}
	return s
}

// belonging is somebody's place in a project or a workspace: when they came,
// and the role the project gives them.
type belonging struct {
	who  int
	wave int
	role roster.Role
}

// crowd is the people who came to a project or a workspace, in a few waves.
type crowd struct {
	waves   []time.Time
	members []belonging
}

// project is one that is to be made.
type project struct {
	design
	crowd
	creator   int
	inherited []belonging // in by the workspace alone, with a role of the project's
	batches   []batch
}

const (
	waveCount  = 4
	lastWave   = 2.0  // days ago: people come to projects
	settled    = 30.0 // days ago: people come to workspaces until then
	roleChange = 27.0 // days ago: projects give roles to people of the workspace
)

// wavesOf spreads the times at which people came between a beginning and an end.
func wavesOf(d dice, begin, end float64) []time.Time {
	out := make([]time.Time, waveCount)
	for i := range out {
		out[i] = d.ago(begin + (end-begin)*float64(i)/(waveCount-1) + d.hours())
	}
	return out
}

// stay is the first and the last wave in which somebody can have come: none,
// with last before first, when they joined too late or had left.
func stay(p person, at []time.Time) (first, last int) {
	for first < len(at) && at[first].Before(p.User.DateJoined) {
		first++
	}
	last = len(at) - 1
	for left := p.left(); !left.IsZero() && last >= first && at[last].After(left); {
		last--
	}
	return first, last
}

// gather draws n people to come in the given waves; those with more weight
// are likelier among them.
func gather(d dice, people []person, n int, at []time.Time, weight func(p person) float64) crowd {
	type chance struct {
		belonging
		key float64
	}
	var drawn []chance
	for who, p := range people {
		key := d.Float64() / weight(p)
		wave, last := stay(p, at)
		if wave > last || p.Membership.Role == roster.RoleNotActivated || p.Membership.Role == roster.RoleOwner {
			continue
		}
		for wave < last && d.percent(30) {
			wave++
		}
		drawn = append(drawn, chance{belonging{who: who, wave: wave}, key})
	}
	slices.SortFunc(drawn, func(a, b chance) int { return cmp.Compare(a.key, b.key) })
	c := crowd{waves: at}
	for _, one := range drawn[:min(n, len(drawn))] {
		c.members = append(c.members, one.belonging)
	}
	return c
}

// headcount is a share of the largest project's members.
func headcount(o Options, share float64) int {
	return max(1, int(math.Round(float64(o.Members)*share/100)))
}

// workspaceCrowd draws the people of a workspace: managers rather than others.
func workspaceCrowd(o Options, at int, people []person) crowd {
	d := throw(o, 100+uint64(at))
	return gather(d, people, headcount(o, groups[at].share), wavesOf(d, 730, settled), func(p person) float64 {
		if p.is(roster.RoleManager) {
			return 6
		}
		return 1
	})
}

// projectOf draws the people and the work of project i.
func projectOf(o Options, i int, people []person, workspaces []crowd) project {
	d := throw(o, 1000+uint64(i))
	p := project{design: designOf(i), creator: creator(d, people)}
	p.crowd = gather(d, people, headcount(o, p.share), wavesOf(d, p.age, lastWave), func(who person) float64 {
		switch {
		case who.locale == p.speaks && p.speaks != "", who.Membership.UserType == roster.SeatService:
			return 12
		}
		return 1
	})
	for m := range p.members {
		if d.percent(15) {
			p.members[m].role = otherRole(d, people[p.members[m].who])
		}
	}
	if p.group != nowhere {
		p.inherit(d, people, workspaces[p.group])
	}
	p.batches = work(d, p, people)
	return p
}

// creator draws who made a project: the owner, an administrator or a manager.
func creator(d dice, people []person) int {
	var able []int
	for who, p := range people {
		if p.is(roster.RoleOwner, roster.RoleAdministrator, roster.RoleManager) {
			able = append(able, who)
		}
	}
	return pick(d, able)
}

// otherRole is the role a project gives somebody: a promotion, mostly. "" for
// those who can have none.
func otherRole(d dice, p person) roster.Role {
	switch {
	case p.is(roster.RoleAnnotator):
		return roster.RoleReviewer
	case p.is(roster.RoleReviewer) && d.percent(70):
		return roster.RoleAnnotator
	}
	return ""
}

// inherit gives a few people of the workspace, who have no membership of
// their own, a role in the project.
func (p *project) inherit(d dice, people []person, workspace crowd) {
	own := map[int]bool{}
	for _, m := range p.members {
		own[m.who] = true
	}
	for _, m := range workspace.members {
		if role := otherRole(d, people[m.who]); role != "" && !own[m.who] && d.percent(7) {
			p.inherited = append(p.inherited, belonging{who: m.who, role: role})
		}
	}
}
