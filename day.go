package roster

import (
	"errors"
	"strings"
	"time"
)

// Day is one date of a calendar in a zone, both ends included: Start is its first
// moment, End its last microsecond. It may be 23 or 25 hours long.
type Day struct{ Start, End time.Time }

// DayOf is the day that a moment is on, in the moment's own zone.
func DayOf(t time.Time) Day {
	year, month, day := t.Date()
	return Day{dawn(year, month, day, t.Location()), dawn(year, month, day+1, t.Location()).Add(-time.Microsecond)}
}

// Before is the day so many days earlier.
func (d Day) Before(days int) Day {
	year, month, day := d.Start.Date()
	return DayOf(time.Date(year, month, day-days, 12, 0, 0, 0, d.Start.Location()))
}

// dawn is when a date begins. Where clocks go forward at midnight there is no
// midnight, and time.Date may answer an hour of the day before.
func dawn(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if _, turn := at.ZoneBounds(); at.Hour() == 23 && !turn.IsZero() {
		return turn
	}
	return at
}

// ParseDay reads a date such as 2026-03-29 in a zone.
func ParseDay(text string, zone *time.Location) (Day, error) {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil || at.Year() < 1 {
		return Day{}, errors.New("not a date such as 2026-01-31")
	}
	year, month, day := at.Date()
	return DayOf(time.Date(year, month, day, 12, 0, 0, 0, zone)), nil
}

// The forms of ISO 8601 in which moments come: Python's %z writes +0200, PostgreSQL +02.
var (
	momentDays  = []string{"2006-01-02T", "2006-01-02 "}
	momentTimes = []string{"15:04:05.999999999", "15:04"}
	momentZones = []string{"Z07:00", "Z0700", "Z07", ""}
)

// ParseMoment reads an ISO 8601 date and time, or a date for its midnight; without a
// zone it is UTC. Years are from 1 to 9999. An error says that it is none, or that it
// is the zero time, which many languages send for a time that was never set.
func ParseMoment(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range momentLayouts {
		t, err := time.Parse(layout, text)
		if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			continue
		}
		if t.IsZero() {
			return t, ErrZeroTime
		}
		return t.UTC(), nil
	}
	return time.Time{}, errors.New("not a time such as 2026-01-31T12:00:00Z")
}

// ErrZeroTime is what the zero time comes to where a bound is expected.
var ErrZeroTime = errors.New("the zero time bounds nothing")

var momentLayouts = func() []string {
	layouts := []string{time.DateOnly}
	for _, day := range momentDays {
		for _, clock := range momentTimes {
			for _, zone := range momentZones {
				layouts = append(layouts, day+clock+zone)
			}
		}
	}
	return layouts
}()
