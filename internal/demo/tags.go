package demo

import (
	"strconv"

	"roster"
)

// tag is a label and who wears it.
type tag struct {
	label string
	who   []int
}

type share struct {
	label   string
	percent float64
}

// vendors are the companies that people come from; everybody comes from one
// at most.
var vendors = []share{
	{"Kestrel Data Services", 27}, {"Lingua Norte", 15}, {"Blue Marten Labeling", 9}, {"Savanna Collective", 6},
	{leavingVendor, 3},
}

const leavingVendor = "Aurora Crowd" // its people were taken off a project

// languages are worn by those who have names of the language, and a few others.
var languages = []struct{ label, code string }{
	{"Spanish", "es"}, {"Hindi", "hi"}, {"Mandarin", "zh"}, {"Portuguese", "pt"}, {"Arabic", "ar"},
}

// abilities are worn by anybody.
var abilities = []share{
	{"Polygon segmentation", 21}, {"Named entities", 16}, {"Speech transcription", 11}, {"Medical imaging", 6},
	{"LiDAR", 2.5},
	{"Weekend shift", 12}, {"Night shift", 7},
}

const cohorts = 3 // one a year

// tags puts the tags on people.
func tags(o Options, people []person) (out []tag) {
	d := throw(o, 2)
	wear := func(label string, fits func(who int) bool) {
		t := tag{label: label}
		for who, p := range people {
			if who > 0 && p.Membership.UserType != roster.SeatService && fits(who) {
				t.who = append(t.who, who)
			}
		}
		out = append(out, t)
	}
	vendor := make([]string, len(people))
	for who := range vendor {
		vendor[who] = employer(d)
	}
	for _, v := range vendors {
		wear(v.label, func(who int) bool { return vendor[who] == v.label })
	}
	for _, l := range languages {
		wear(l.label, func(who int) bool { return d.percent(2) || people[who].locale == l.code && d.percent(92) })
	}
	for _, a := range abilities {
		wear(a.label, func(int) bool { return d.percent(a.percent) })
	}
	for year := o.Now.Year() - cohorts + 1; year <= o.Now.Year(); year++ {
		wear("Cohort "+strconv.Itoa(year), func(who int) bool { return people[who].User.DateJoined.Year() == year })
	}
	return out
}

// employer draws a vendor, or none.
func employer(d dice) string {
	r := d.Float64() * 100
	for _, v := range vendors {
		if r -= v.percent; r < 0 {
			return v.label
		}
	}
	return ""
}
