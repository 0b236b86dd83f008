package web

import "roster"

// seatNames is what the kinds of seat are called.
var seatNames = map[roster.UserType]roster.Text{
	roster.SeatStandard: "Standard", roster.SeatFlex: "Flexible", roster.SeatViewOnly: "View only",
	roster.SeatService: "Service",
}

func seatName(t roster.UserType) roster.Text {
	if t == "" {
		t = roster.SeatStandard
	}
	return seatNames[t]
}
