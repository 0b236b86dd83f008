package demo

import (
	"math/rand/v2"
	"time"
)

// dice is chance that falls the same way for the same seed.
type dice struct {
	*rand.Rand
	now time.Time
}

// throw makes dice for one part of the organization, so that the size of one
// part does not change the others.
func throw(o Options, part uint64) dice {
	return dice{rand.New(rand.NewPCG(o.Seed, part)), o.Now}
}

func (d dice) percent(n float64) bool { return d.Float64()*100 < n }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// ago is the time some days before the present.
func (d dice) ago(days float64) time.Time {
	return d.now.Add(-time.Duration(days * 24 * float64(time.Hour))).Truncate(time.Second)
}

// hours is some part of a working day, in days.
func (d dice) hours() float64 { return d.between(0, 0.4, 1) }

// between is a number between two, nearer to low the higher lean is.
func (d dice) between(low, high, lean float64) float64 {
	u := 1.0
	for range int(lean) {
		u *= d.Float64()
	}
	return low + (high-low)*u
}
