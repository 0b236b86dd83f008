package roster_test

import (
	"testing"
	"time"

	"roster"
)

// TestDaysFollowTheCalendar: of the zone, with its short and its long days.
func TestDaysFollowTheCalendar(t *testing.T) {
	for _, c := range []struct{ zone, day, start, end string }{
		{"UTC", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:59:59.999999Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"},     // 23 hours
		{"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z"},     // 25 hours
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T01:59:59.999999Z"}, // no midnight
		{"America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00Z", "2018-11-04T02:59:59.999999Z"},
		{"America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T02:59:59.999999Z"}, // 23:30 comes twice
		{"Asia/Kathmandu", "2026-06-01", "2026-05-31T18:15:00Z", "2026-06-01T18:14:59.999999Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d, err := roster.ParseDay(c.day, zone)
		if err != nil {
			t.Fatal(err)
		}
		if start, end := d.Start.UTC().Format(time.RFC3339Nano), d.End.UTC().Format(time.RFC3339Nano); start != c.start ||
			end != c.end {
			t.Errorf("%s in %s is %s to %s, want %s to %s", c.day, c.zone, start, end, c.start, c.end)
		}
	}
}

// TestEveryDayBeginsWhereTheLastEnded: in zones that change at midnight, too.
func TestEveryDayBeginsWhereTheLastEnded(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "America/Havana",
		"Australia/Lord_Howe", "Africa/Cairo"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		day := roster.DayOf(time.Date(2016, 1, 1, 12, 0, 0, 0, zone))
		for range 12 * 366 {
			next := roster.DayOf(day.End.Add(time.Microsecond))
			if !next.Start.Equal(day.End.Add(time.Microsecond)) || next.Start.Day() == day.Start.Day() ||
				!next.Before(1).Start.Equal(day.Start) {
				t.Fatalf("%s: after %v to %v comes %v", name, day.Start, day.End, next.Start)
			}
			day = next
		}
	}
}

// TestMoments: as people and programs write them.
func TestMoments(t *testing.T) {
	const noon = "2026-01-31T12:00:00Z"
	for text, want := range map[string]string{
		"2026-01-31": "2026-01-31T00:00:00Z", noon: noon, "2026-01-31T14:00:00+02:00": noon,
		"2026-01-31T14:00:00+0200": noon, "2026-01-31T14:00:00+02": noon,
		"2026-01-31 12:00:00": noon, "2026-01-31T12:00": noon, "2026-01-31 07:00-0500": noon,
		" 2026-01-31T12:00:00.000000Z ": noon,
		"26-01-31":                      "", "2026-01-31T23:59:60Z": "", "0000-01-01": "", "10000-01-01": "",
		"0001-01-01T00:00:00+05:00": "", "9999-12-31T23:59:59-01:00": "",
		"2026-01-31T12:00:00 Europe/Nowhere": "", "2026-01-31T12:00:00+25:00": "", "2026-02-30": "", "yesterday": "",
		"0001-01-01": "", "": "",
	} {
		got, err := roster.ParseMoment(text)
		if want == "" && err == nil || want != "" && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q is %v, %v; want %q", text, got, err, want)
		}
	}
}
