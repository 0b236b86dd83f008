package locale

import (
	"time"

	"roster"
)

// Dates are messages like any other: a catalogue has the names of the months and the order of
// day, month and year.

var months = [...]roster.Text{"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"}

var shortMonths = [...]roster.Text{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// Day is a date.
func Day(t time.Time) roster.Text {
	return roster.Text("{day} {month} {year}").With("day", t.Format("2"), "month", months[t.Month()-1],
		"year", t.Format("2006"))
}

// ShortDay is a date with a short name of the month.
func ShortDay(t time.Time) roster.Text {
	return roster.Text("{day} {month} {year}").With("day", t.Format("2"), "month", shortMonths[t.Month()-1],
		"year", t.Format("2006"))
}

// Minute is a date and a time, with its zone.
func Minute(t time.Time) roster.Text {
	return roster.Text("{date}, {time} {zone}").With("date", Day(t), "time", t.Format("15:04"), "zone", t.Format("MST"))
}

// Month is a month of a year.
func Month(t time.Time) roster.Text {
	return roster.Text("{month} {year}").With("month", months[t.Month()-1], "year", t.Format("2006"))
}

// ShortMonth is the same with a short name.
func ShortMonth(t time.Time) roster.Text {
	return roster.Text("{month} {year}").With("month", shortMonths[t.Month()-1], "year", t.Format("2006"))
}
