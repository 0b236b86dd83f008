package stage_test

import (
	"errors"
	"testing"

	"roster/internal/gateway/stage"
)

// What is known at each stage, in one piece.
type (
	parsed struct {
		stage.Request
		rule string
	}
	identified struct {
		parsed
		who string
	}
	located struct {
		identified
		project int
	}
	flight struct {
		located
		reviews bool
	}
)

func agreed[K any](K) error { return nil }

var errNo = errors.New("no")

func refused[K any](K) error { return errNo }

// TestEachStageIsMadeOfTheOneBefore: what passed all of them is known, and what any of them
// refused is at no later one.
func TestEachStageIsMadeOfTheOneBefore(t *testing.T) {
	stages := [4]string{"parsed", "identified", "located", "allowed"}
	for refuses := range len(stages) + 1 {
		f := &flight{}
		said := func(at int) error {
			if at == refuses {
				return errNo
			}
			return nil
		}
		p, err := stage.Parse(&f.parsed, func(p *parsed) error { p.rule = "GET /"; return said(0) })
		i, err1 := stage.Identify(p, &f.identified, func(i *identified) error { i.who = "ann"; return said(1) })
		l, err2 := stage.Locate(i, &f.located, func(l *located) error { l.project = 3; return said(2) })
		a, err3 := stage.Allow(l, f, func(f *flight) error { f.reviews = true; return said(3) })
		for at, err := range []error{err, err1, err2, err3} {
			if (err == nil) != (at < refuses) || errors.Is(err, errNo) != (at == refuses) {
				t.Errorf("%s refused, %s: %v", append(stages[:], "nobody")[refuses], stages[at], err)
			}
		}
		known, err := a.Known()
		if all := refuses == len(stages); (err == nil) != all || (known == f) != all {
			t.Errorf("%s refused, known: %v, %v", append(stages[:], "nobody")[refuses], known, err)
		}
	}
}

// TestTheZeroValueIsRefused: at every stage, and nobody is asked about it.
func TestTheZeroValueIsRefused(t *testing.T) {
	f := &flight{}
	asked := func(any) error { t.Error("it was asked about"); return nil }
	_, noParsed := stage.Identify(stage.Parsed[*parsed]{}, &f.identified, func(i *identified) error { return asked(i) })
	_, noIdentified := stage.Locate(stage.Identified[*identified]{}, &f.located, func(l *located) error { return asked(l) })
	_, noLocated := stage.Allow(stage.Located[*located]{}, f, func(f *flight) error { return asked(f) })
	_, notOpen := stage.Open(stage.Parsed[*parsed]{}, f, func(f *flight) error { return asked(f) })
	_, noRequest := stage.Parse(nil, func(f *flight) error { return asked(f) })
	_, notAllowed := stage.Allowed[*flight]{}.Known()
	for i, err := range []error{noParsed, noIdentified, noLocated, notOpen, noRequest, notAllowed} {
		if err == nil {
			t.Error("the zero value passed", i)
		}
	}
}

// TestAStageIsOfOneRequest: what one request passed, another did not.
func TestAStageIsOfOneRequest(t *testing.T) {
	one, other := &flight{}, &flight{}
	p, _ := stage.Parse(&one.parsed, agreed)
	i, _ := stage.Identify(p, &one.identified, agreed)
	l, err := stage.Locate(i, &one.located, agreed)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := stage.Allow(l, other, agreed); err == nil {
		t.Error("allowed in another's name:", a)
	}
	if a, err := stage.Open(p, other, agreed); err == nil {
		t.Error("open in another's name:", a)
	}
	if _, err := stage.Identify(p, &other.identified, agreed); err == nil {
		t.Error("identified as another")
	}
	if _, err := stage.Allow(l, nil, agreed[*flight]); err == nil {
		t.Error("allowed without what is known")
	}
}

// TestOpenToEverybody: whoever asks, where the rule says so.
func TestOpenToEverybody(t *testing.T) {
	f := &flight{}
	p, err := stage.Parse(&f.parsed, agreed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Open(p, f, refused); !errors.Is(err, errNo) {
		t.Error("not open:", err)
	}
	a, err := stage.Open(p, f, agreed)
	if known, unknown := a.Known(); err != nil || unknown != nil || known != f {
		t.Error("open:", known, err, unknown)
	}
}

// TestStagesCostNothing: what passes all of them makes nothing on the way.
func TestStagesCostNothing(t *testing.T) {
	f, word := &flight{}, "ann"
	made := testing.AllocsPerRun(100, func() {
		p, _ := stage.Parse(&f.parsed, agreed)
		i, _ := stage.Identify(p, &f.identified, func(i *identified) error { i.who = word; return nil })
		l, _ := stage.Locate(i, &f.located, agreed)
		a, _ := stage.Allow(l, f, agreed)
		if known, err := a.Known(); known != f || err != nil {
			t.Fatal(err)
		}
	})
	if made != 0 {
		t.Errorf("%v allocations", made)
	}
}
