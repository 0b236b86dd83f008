package stage_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"roster/internal/gateway/stage"
)

// What is known at each stage, in one piece.
type (
	parsed struct {
		stage.Request
		refuses string   // the stage that does
		asked   []string // about which stages it was asked
	}
	identified struct{ parsed }
	located    struct{ identified }
	flight     struct{ located }
)

var errNo = errors.New("no")

func (p *parsed) ask(name string) error {
	p.asked = append(p.asked, name)
	if p.refuses == name {
		return errNo
	}
	return nil
}

func (p *parsed) Parse() error                           { return p.ask("parsed") }
func (i *identified) Identify(http.ResponseWriter) error { return i.ask("identified") }
func (l *located) Locate(http.ResponseWriter) error      { return l.ask("located") }
func (f *flight) Allow() error                           { return f.ask("allowed") }
func (f *flight) Open(http.ResponseWriter) error         { return f.ask("open") }

var stages = []string{"parsed", "identified", "located", "allowed"}

// TestEachStageIsMadeOfTheOneBefore: what passed all of them is known, and what any of them
// refused is at no later one, and is not asked about there.
func TestEachStageIsMadeOfTheOneBefore(t *testing.T) {
	for _, refuses := range append(stages, "none of them") {
		f, w := &flight{}, httptest.NewRecorder()
		f.refuses = refuses
		p, err0 := stage.Parse(&f.parsed)
		i, err1 := stage.Identify(w, p, &f.identified)
		l, err2 := stage.Locate(w, i, &f.located)
		a, err3 := stage.Allow(l, f)
		at := slices.Index(append(stages, "none of them"), refuses)
		for i, err := range []error{err0, err1, err2, err3} {
			if (err == nil) != (i < at) || errors.Is(err, errNo) != (i == at) {
				t.Errorf("%s refuses, %s: %v", refuses, stages[i], err)
			}
		}
		if want := stages[:min(at+1, len(stages))]; !slices.Equal(f.asked, want) {
			t.Errorf("%s refuses, and it was asked about %q", refuses, f.asked)
		}
		known, err := a.Known()
		if all := at == len(stages); (err == nil) != all || (known == f) != all {
			t.Errorf("%s refuses, known: %v, %v", refuses, known, err)
		}
	}
}

// TestTheZeroValueIsRefused: at every stage, and nobody is asked about it.
func TestTheZeroValueIsRefused(t *testing.T) {
	f, w := &flight{}, httptest.NewRecorder()
	_, noRequest := stage.Parse[*parsed](nil)
	_, noParsed := stage.Identify(w, stage.Parsed[*parsed]{}, &f.identified)
	_, noIdentified := stage.Locate(w, stage.Identified[*identified]{}, &f.located)
	_, noLocated := stage.Allow(stage.Located[*located]{}, f)
	_, notOpen := stage.Open(w, stage.Parsed[*parsed]{}, f)
	_, notAllowed := stage.Allowed[*flight]{}.Known()
	for i, err := range []error{noRequest, noParsed, noIdentified, noLocated, notOpen, notAllowed} {
		if err == nil {
			t.Error("the zero value passed", i)
		}
	}
	if len(f.asked) > 0 {
		t.Errorf("it was asked about %q", f.asked)
	}
}

// TestAStageIsOfOneRequest: what one request passed, another did not.
func TestAStageIsOfOneRequest(t *testing.T) {
	one, other, w := &flight{}, &flight{}, httptest.NewRecorder()
	p, _ := stage.Parse(&one.parsed)
	i, _ := stage.Identify(w, p, &one.identified)
	l, err := stage.Locate(w, i, &one.located)
	if err != nil {
		t.Fatal(err)
	}
	_, who := stage.Identify(w, p, &other.identified)
	_, what := stage.Locate(w, i, &other.located)
	_, may := stage.Allow(l, other)
	_, open := stage.Open(w, p, other)
	_, nobody := stage.Allow[*located, *flight](l, nil)
	for at, err := range []error{who, what, may, open, nobody} {
		if err == nil {
			t.Error("it passed in another's name:", at)
		}
	}
	if len(other.asked) > 0 {
		t.Errorf("it was asked about %q", other.asked)
	}
}

// TestOpenToEverybody: whoever asks, where the rule says so.
func TestOpenToEverybody(t *testing.T) {
	for _, refuses := range []string{"", "open"} {
		f := &flight{}
		f.refuses = refuses
		p, err := stage.Parse(&f.parsed)
		if err != nil {
			t.Fatal(err)
		}
		a, err := stage.Open(httptest.NewRecorder(), p, f)
		known, unknown := a.Known()
		if is := refuses == ""; (err == nil) != is || (unknown == nil) != is || (known == f) != is {
			t.Errorf("%q refuses: %v, %v, %v", refuses, err, known, unknown)
		}
	}
}

// TestStagesMakeNothing: what passes all of them costs no memory.
func TestStagesMakeNothing(t *testing.T) {
	f, w := &flight{}, http.ResponseWriter(httptest.NewRecorder())
	f.asked = make([]string, 0, len(stages))
	made := testing.AllocsPerRun(100, func() {
		f.asked = f.asked[:0]
		p, _ := stage.Parse(&f.parsed)
		i, _ := stage.Identify(w, p, &f.identified)
		l, _ := stage.Locate(w, i, &f.located)
		a, _ := stage.Allow(l, f)
		if known, err := a.Known(); known != f || err != nil {
			t.Fatal(err)
		}
	})
	if made != 0 {
		t.Errorf("%v allocations", made)
	}
}
