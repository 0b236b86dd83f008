package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roster"
	"roster/internal/locale"
)

// month is what a month did to the members of a project.
type month struct {
	Start          time.Time // in the viewer's zone
	Added, Removed int
	Members        int // at its end, or now
	stilled        int // memberships of people who were deactivated in it
}

// Name is the month, for a table.
func (m month) Name() roster.Text { return locale.Month(m.Start) }

// mostMonths is how far back the charts look.
const mostMonths = 36

// byMonth sums steps by month of the viewer's zone, from the first step, or so
// many months back, until now. before is how many members there were then.
func byMonth(steps []roster.MembershipStep, now time.Time, zone *time.Location) (months []month, before int) {
	if len(steps) == 0 {
		return nil, 0
	}
	start := monthOf(now, zone).AddDate(0, 1-mostMonths, 0)
	if first := monthOf(steps[0].At, zone); first.After(start) {
		start = first
	}
	for at := start; !at.After(now); at = at.AddDate(0, 1, 0) {
		months = append(months, month{Start: at})
	}
	for _, s := range steps {
		at := monthOf(s.At, zone)
		i := (at.Year()-start.Year())*12 + int(at.Month()-start.Month())
		if i < 0 {
			before += s.Begun - s.Ended - s.Stilled
			continue
		}
		if i < len(months) {
			months[i].Added, months[i].Removed = months[i].Added+s.Begun, months[i].Removed+s.Ended
			months[i].stilled += s.Stilled
		}
	}
	members := before
	for i := range months {
		members += months[i].Added - months[i].Removed - months[i].stilled
		months[i].Members = members
	}
	return months, before
}

func monthOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, zone)
}

// chart is a picture's geometry, which a template writes as SVG: all of it
// attributes and classes, because the policy of the pages allows no style.
type chart struct {
	Class         string      // which of the two widths it is for
	Label         roster.Text // what it shows, for those who cannot see it
	Width, Height int
	Rows          []gridLine
	Columns       []axisLabel
	Line, Area    string // points of a line, and of the ground beneath it
	Bars          []column
}

// gridLine is a number of the upright axis.
type gridLine struct {
	Y      int
	Number int
}

// axisLabel is a month of the level axis, in the middle of its room.
type axisLabel struct {
	X    int
	Text roster.Text
}

// column is the number of one month.
type column struct {
	X, Y, Width, Height int
	Title               roster.Text
}

// Right and Bottom are the ends of the axes.
func (c chart) Right() int  { return c.Width - chartRight }
func (c chart) Bottom() int { return c.Height - chartBottom }

// The edges of a chart, in which the axes are labelled.
const (
	chartLeft, chartRight, chartTop, chartBottom = 44, 12, 10, 26
	chartHeight                                  = 200
	monthLabel                                   = 72 // the room a month's name takes
)

// Left is where the axes meet.
func (c chart) Left() int { return chartLeft }

// newChart is a frame for values from 0 to most over the months.
func newChart(class string, width int, label roster.Text, months []month, most int) (chart, func(int) int,
	func(float64) float64) {
	c := chart{Class: class, Label: label, Width: width, Height: chartHeight}
	step := tick(most)
	top := max(step, (most+step-1)/step*step)
	y := func(n int) int { return c.Bottom() - n*(c.Bottom()-chartTop)/top }
	for n := 0; n <= top; n += step {
		c.Rows = append(c.Rows, gridLine{y(n), n})
	}
	plot := float64(c.Right() - chartLeft)
	x := func(at float64) float64 { return chartLeft + plot*at/float64(len(months)) }
	every := max(1, (len(months)*monthLabel+int(plot)-1)/int(plot))
	for i := (len(months) - 1) % every; i < len(months); i += every { // the last month has its name
		at := min(int(x(float64(i)+.5)), width-monthLabel/2+4)
		c.Columns = append(c.Columns, axisLabel{at, locale.ShortMonth(months[i].Start)})
	}
	return c, y, x
}

// tick is the distance of the grid's lines: a round number, at most five of them.
func tick(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, n := range []int{1, 2, 5} {
			if n*unit*5 >= most {
				return n * unit
			}
		}
	}
}

// membersChart is the number of members after every step, as a line.
func membersChart(class string, width int, steps []roster.MembershipStep, months []month, before int,
	now time.Time) chart {
	most := before
	at := before
	for _, s := range steps {
		if !s.At.Before(months[0].Start) {
			at += s.Begun - s.Ended - s.Stilled
			most = max(most, at)
		}
	}
	c, y, x := newChart(class, width, "Members over time", months, most)
	var points strings.Builder
	level, last := before, int(x(0))
	fmt.Fprintf(&points, "%d,%d", last, y(level))
	put := func(to, members int) {
		fmt.Fprintf(&points, " %d,%d %d,%d", to, y(level), to, y(members))
		last, level = to, members
	}
	for i, s := range steps {
		if s.At.Before(months[0].Start) {
			continue
		}
		before += s.Begun - s.Ended - s.Stilled
		to := int(x(inMonths(s.At, months)))
		if i+1 < len(steps) && int(x(inMonths(steps[i+1].At, months))) == to { // several on one pixel: where they lead
			continue
		}
		put(to, before)
	}
	put(max(last, int(x(inMonths(now, months)))), level)
	c.Line = points.String()
	c.Area = fmt.Sprintf("%d,%d %s %d,%d", int(x(0)), c.Bottom(), c.Line, last, c.Bottom())
	return c
}

// inMonths is how many months after the first one a time is.
func inMonths(t time.Time, months []month) float64 {
	start := monthOf(t, months[0].Start.Location())
	whole := (start.Year()-months[0].Start.Year())*12 + int(start.Month()-months[0].Start.Month())
	return float64(whole) + float64(t.Sub(start))/float64(start.AddDate(0, 1, 0).Sub(start))
}

// removalsChart is how many memberships ended in each month, as bars.
func removalsChart(class string, width int, months []month) chart {
	most := 0
	for _, m := range months {
		most = max(most, m.Removed)
	}
	c, y, x := newChart(class, width, "Removals by month", months, most)
	for i, m := range months {
		from, to := x(float64(i)), x(float64(i+1))
		gap := min(8, (to-from)/5)
		if m.Removed == 0 {
			continue
		}
		height := max(1, c.Bottom()-y(m.Removed))
		c.Bars = append(c.Bars, column{
			X: int(from + gap), Y: c.Bottom() - height, Width: max(1, int(min(to-from-2*gap, 56))), Height: height,
			Title: sentence("{month}: {count}", "month", m.Name(), "count", m.Removed),
		})
	}
	return c
}

// spark is a small chart of the members of a project, in a list.
type spark struct {
	Label      roster.Text
	Line, Area string
	Levels     []int // the members at the end of each of the months, the last one now
}

// How large a small chart is, in pixels, and how many months it shows.
const (
	sparkWidth, sparkHeight = 108, 24
	sparkMonths             = 12
)

// Width and Height are the frame.
func (spark) Width() int  { return sparkWidth }
func (spark) Height() int { return sparkHeight }

// newSpark is how the members of a project came about in the last months, in the frame that
// every project of a list has; nil where nobody was a member.
func newSpark(steps []roster.MembershipStep, now time.Time, zone *time.Location) *spark {
	months, before := byMonth(steps, now, zone)
	if len(months) == 0 {
		return nil
	}
	if more := len(months) - sparkMonths; more > 0 {
		before, months = months[more-1].Members, months[more:]
	}
	s := &spark{Levels: make([]int, sparkMonths-len(months), sparkMonths)}
	for _, m := range months {
		s.Levels = append(s.Levels, m.Members)
	}
	first := before
	if len(months) < sparkMonths {
		first = 0
	}
	most := max(1, first, slices.Max(s.Levels))
	y := func(n int) int { return sparkHeight - 2 - n*(sparkHeight-4)/most }
	var points strings.Builder
	fmt.Fprintf(&points, "0,%d", y(first))
	for i, n := range s.Levels {
		fmt.Fprintf(&points, " %d,%d", (i+1)*sparkWidth/sparkMonths, y(n))
	}
	s.Line = points.String()
	s.Area = fmt.Sprintf("0,%d %s %d,%d", sparkHeight, s.Line, sparkWidth, sparkHeight)
	s.Label = sentence("Members in the last 12 months: from {first} to {last}", "first", first,
		"last", s.Levels[sparkMonths-1])
	return s
}

// lastMonths is the months of small charts, by name.
func lastMonths(now time.Time, zone *time.Location) (names []roster.Text) {
	for i := range sparkMonths {
		names = append(names, locale.ShortMonth(monthOf(now, zone).AddDate(0, i+1-sparkMonths, 0)))
	}
	return names
}
