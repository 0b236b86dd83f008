package roster

import (
	"strconv"
	"strings"
	"time"
)

// ReviewRule says which share of a project's tasks goes to review. The rules are
// read in their order. Roster keeps them and gives them back, and reviews nothing.
type ReviewRule struct {
	ID        int64     `json:"id"`                 // its own in its project; 0 for one that is new
	Operator  string    `json:"operator,omitempty"` // lt, lte, gt, gte or eq; "" for a rule about every task
	Threshold Share     `json:"threshold"`          // what the operator compares agreement with
	Rate      Share     `json:"rate"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Same reports whether two rules say the same.
func (r ReviewRule) Same(o ReviewRule) bool {
	return r.Operator == o.Operator && r.Threshold == o.Threshold && r.Rate == o.Rate
}

// Share is a number from 0 to 1, in ten-thousandths.
type Share int

// WholeShare is 1.
const WholeShare Share = 10_000

// ParseShare reads a decimal number with at most four digits after the point.
func ParseShare(text string) (Share, bool) {
	whole, part, _ := strings.Cut(text, ".")
	if (whole != "0" && whole != "1" && whole != "") || len(part) > 4 || whole+part == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", 4-len(part)), 10, 32)
	return Share(n), err == nil && Share(n) <= WholeShare
}

func (s Share) String() string {
	digits := strconv.Itoa(int(s + WholeShare)) // so that there are five
	return strconv.Itoa(int(s/WholeShare)) + "." + digits[1:]
}
