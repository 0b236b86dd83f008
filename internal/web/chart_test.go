package web

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/locale"
)

func TestMonthsOfSteps(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	steps := []roster.MembershipStep{
		{At: at("2025-11-30T12:00:00Z"), Begun: 10},
		{At: at("2026-01-01T01:00:00Z"), Ended: 4}, // still December there
		{At: at("2026-02-10T01:00:00Z"), Begun: 2, Ended: 1},
	}
	months, before := byMonth(steps, at("2026-03-01T12:00:00Z"), zone)
	var got []string
	for _, m := range months {
		got = append(got, fmt.Sprintf("%s +%d -%d =%d", locale.English().Say(m.Name()), m.Added, m.Removed, m.Members))
	}
	want := []string{"November 2025 +10 -0 =10", "December 2025 +0 -4 =6", "January 2026 +0 -0 =6",
		"February 2026 +2 -1 =7", "March 2026 +0 -0 =7"}
	if !slices.Equal(got, want) || before != 0 {
		t.Errorf("%v after %d, want %v", got, before, want)
	}
	months, before = byMonth(steps, at("2029-01-01T12:00:00Z"), zone)
	if len(months) != mostMonths || before != 6 || months[0].Members != 7 {
		t.Errorf("%d months after %d: %v", len(months), before, months[0])
	}
	if months, _ := byMonth(nil, time.Now(), zone); months != nil {
		t.Error("months of nothing")
	}
}

func TestChartsStayInTheirFrame(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var steps []roster.MembershipStep
	for i := range 5000 {
		steps = append(steps, roster.MembershipStep{At: now.Add(time.Duration(i-5000) * 9 * time.Hour), Begun: i % 40,
			Ended: i % 37})
	}
	for _, most := range []int{0, 1, 7, 100, 100_000} {
		if rows := most/tick(most) + 1; rows > 6 {
			t.Errorf("%d grid lines up to %d", rows, most)
		}
	}
	for _, width := range []int{wideChart, narrowChart} {
		months, before := byMonth(steps, now, time.UTC)
		c := membersChart("", width, steps, months, before, now)
		var x, y, last int
		for rest := c.Line; ; {
			n, _ := fmt.Sscanf(rest, "%d,%d", &x, &y)
			if n < 2 || x < last || x > c.Right() || y < 0 || y > c.Bottom() {
				t.Fatalf("%d,%d after %d", x, y, last)
			}
			last = x
			at := slices.Index([]byte(rest), ' ')
			if at < 0 {
				break
			}
			rest = rest[at+1:]
		}
		if len(c.Line) > 20*width {
			t.Errorf("%d bytes for a line", len(c.Line))
		}
		for _, b := range removalsChart("", width, months).Bars {
			if b.X < c.Left() || b.X+b.Width > c.Right() || b.Y < 0 || b.Y+b.Height != c.Bottom() {
				t.Errorf("a bar at %+v", b)
			}
		}
	}
}
