package roster

import (
	"math/big"
	"regexp"
	"strconv"
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

// decimal is a number as JSON and people write one from 0 to 1, its exponent bounded.
var decimal = regexp.MustCompile(`^(0|[1-9][0-9]{0,4})?(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,2})?$`)

// ParseShare reads a decimal number, with or without an exponent, that comes to at most
// four digits after the point: 0.1, .1 and 1e-1 are the same.
func ParseShare(text string) (Share, bool) {
	if !decimal.MatchString(text) {
		return 0, false
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	exact.Mul(exact, big.NewRat(int64(WholeShare), 1))
	if !exact.IsInt() || exact.Cmp(big.NewRat(int64(WholeShare), 1)) > 0 {
		return 0, false
	}
	return Share(exact.Num().Int64()), true
}

func (s Share) String() string {
	digits := strconv.Itoa(int(s + WholeShare)) // so that there are five
	return strconv.Itoa(int(s/WholeShare)) + "." + digits[1:]
}
