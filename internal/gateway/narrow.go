package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"roster"
)

// narrower is what a rule does besides letting a request on: change the question,
// change the answer, or give the answer itself.
type narrower struct {
	before   func(w http.ResponseWriter, f *flight) (done bool, err error)
	after    func(f *flight, answer *http.Response) error
	broken   func(f *flight, why error) // when there is no answer, or none that can be let through
	personal bool                       // what is seen depends on whether the person reviews
	chooses  bool                       // makes the choice of tasks itself, where only assigned ones are given out
}

// The narrowers of the rules.
var (
	narrowNothing      = &narrower{} // of a rule that says no other
	narrowRefusals     = &narrower{before: tellRefusals}
	narrowHooks        = &narrower{after: rewriting(othersHooks)}
	narrowHook         = &narrower{before: changedHook}
	narrowNewHook      = &narrower{before: awayFromHere}
	narrowShell        = &narrower{after: addMembersLink}
	narrowAccount      = &narrower{after: withoutOwner}
	narrowLogin        = &narrower{before: beforeSignIn, after: signIn}
	narrowWhoami       = &narrower{after: rewriting(unaddressed(permissions))}
	narrowAvatar       = &narrower{before: onesOwn}
	narrowSample       = &narrower{before: shortQuestion}
	narrowDescribed    = &narrower{before: oneDescription, after: nextDescription}
	narrowReset        = &narrower{before: endLegacy, after: forgetCredentials}
	narrowKinds        = &narrower{before: keepKind, after: forgetCredentials}
	narrowAccess       = &narrower{after: rewriting(giveAccess)}
	narrowCredentials  = &narrower{before: keepPersonal, after: endAccess}
	narrowPerson       = &narrower{before: plainAddress, after: rewriting(newPerson)}
	narrowPeople       = &narrower{after: rewriting(unaddressed(visiblePeople))}
	narrowSelf         = &narrower{before: onlyVisible, after: rewriting(unaddressed(asItIs))}
	narrowOrganization = &narrower{before: ownOrganization, after: rewriting(unaddressed(withoutInvitation))}
	narrowPages        = &narrower{after: rewriting(relinked)}
	narrowImport       = &narrower{before: checkImport}
	narrowLabels       = &narrower{before: newTitles, after: rewriting(ownLabels)}
	narrowLinks        = &narrower{before: wholeLabels, after: rewriting(relinked)}
	narrowLink         = &narrower{before: wholeLabels}
	narrowProjects     = &narrower{before: ownProjects, after: rewriting(unaddressed(onlyOwnProjects))}
	narrowProject      = &narrower{before: wholeProject, after: rewriting(unaddressed(learnProject))}
	narrowState        = &narrower{after: rewriting(unaddressed(withoutPassword))}
	narrowSettings     = &narrower{before: splitSettings, after: rewriting(unaddressed(learnProject))}
	narrowMadeUp       = &narrower{before: madeUpData}
	narrowAction       = &narrower{before: boundedAction}
	narrowDeletions    = &narrower{before: saysWhich, after: lookForGone, broken: (*flight).lookLater}
	narrowGone         = &narrower{after: lookForGone, broken: (*flight).lookLater}
	narrowNext         = &narrower{
		before: nextAssigned, after: rewriting(acquainted(ownTask)), personal: true, chooses: true,
	}
	narrowTasks = &narrower{
		before: listAssigned, after: rewriting(acquainted(ownTasks)), personal: true, chooses: true,
	}
	narrowTask        = &narrower{before: wholeTask, after: rewriting(acquainted(ownTask)), personal: true}
	narrowActions     = &narrower{after: rewriting(actionsFor)}
	narrowColumns     = &narrower{after: rewriting(columnsFor), personal: true}
	narrowSummary     = &narrower{after: rewriting(ownTotals), personal: true}
	narrowAnnotations = &narrower{after: rewriting(acquainted(ownAnnotations)), personal: true}
	narrowDrafts      = &narrower{after: rewriting(ownDrafts)}
	narrowPredictions = &narrower{after: rewriting(ofProject)}
	narrowPrediction  = &narrower{before: fittingPrediction}
	narrowExport      = &narrower{before: exported, after: withoutOthersDrafts}
	narrowSnapshot    = &narrower{before: plainSnapshot}
	narrowWork        = &narrower{after: rewriting(acquainted(asItIs))}
	narrowAnnotators  = &narrower{after: rewriting(andAssignable(acquainted(asItIs)))}
	narrowHistory     = &narrower{after: rewriting(acquainted(relinked))}
	narrowFormats     = &narrower{after: rewriting(offeredFormats)}
	narrowStorage     = &narrower{before: askedStorage}
	narrowURI         = &narrower{before: uriOfTask}
	narrowLocalFile   = &narrower{before: fileOfAssigned, personal: true, chooses: true}
)

// rewriting makes a narrower's after of a function from what the upstream says
// to what the person is told. An answer that is not the expected JSON is not
// let through.
func rewriting(change func(f *flight, doc any) (any, error)) func(*flight, *http.Response) error {
	return func(f *flight, answer *http.Response) error {
		if answer.StatusCode/100 != 2 {
			return nil
		}
		done, err := f.gate.slot(f.r.Context(), answer.ContentLength)
		if err != nil {
			return err
		}
		defer done()
		doc, err := readAnswer(answer)
		if err != nil {
			return &fault{http.StatusBadGateway, err}
		}
		if doc, err = change(f, doc); err != nil {
			return err
		}
		return setAnswer(answer, doc)
	}
}

// large is from how many bytes on an answer needs one of a few slots: read whole
// and rewritten, it takes many times its size in memory.
const large = 1 << 20

// slot waits for a slot if an answer of the given length needs one, and returns
// how to give it back. An answer that does not say its length needs one.
func (g *Gate) slot(ctx context.Context, length int64) (done func(), err error) {
	if length >= 0 && length < large {
		return func() {}, nil
	}
	return g.rewrites.take(ctx)
}

// slots bound how many do at once what takes much memory.
type slots chan struct{}

// take waits for a slot, and returns how to give it back; an error when ctx ends
// first.
func (s slots) take(ctx context.Context) (done func(), err error) {
	select {
	case s <- struct{}{}:
		return func() { <-s }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func readAnswer(answer *http.Response) (doc any, err error) {
	kind, _, _ := mediaType(answer.Header.Get("Content-Type"))
	if kind != "application/json" || answer.Header.Get("Content-Encoding") != "" {
		return nil, fmt.Errorf("gateway: the answer is %q, and should be JSON", answer.Header.Get("Content-Type"))
	}
	var read bytes.Buffer
	read.Grow(int(min(max(answer.ContentLength, 0), large)) + bytes.MinRead) // so that most are read into one piece
	_, err = read.ReadFrom(io.LimitReader(answer.Body, maxAnswer+1))
	raw := read.Bytes()
	answer.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("gateway: the answer broke off: %w", err)
	}
	if len(raw) > maxAnswer {
		return nil, fmt.Errorf("gateway: the answer is longer than %d bytes", maxAnswer)
	}
	if doc, err = readDocument(raw); err != nil {
		return nil, fmt.Errorf("gateway: the answer is not JSON: %w", err)
	}
	return doc, nil
}

func setAnswer(answer *http.Response, doc any) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return err
	}
	answer.Body = io.NopCloser(&out)
	answer.ContentLength = int64(out.Len())
	answer.Header.Set("Content-Length", strconv.Itoa(out.Len()))
	for _, name := range []string{"Etag", "Last-Modified", "Accept-Ranges", "Content-Md5"} {
		answer.Header.Del(name)
	}
	answer.Header.Set("Cache-Control", "no-store")
	return nil
}

// unexpected is what an answer in an unknown shape comes to.
func unexpected(what string) error {
	return &fault{http.StatusBadGateway, fmt.Errorf("gateway: %s is not in the shape that can be checked", what)}
}

// asObject reads an object of the JSON that came from the upstream.
func asObject(v any) (map[string]any, bool) {
	if raw, asWritten := v.(json.RawMessage); asWritten {
		v = decoded(raw)
	}
	o, ok := v.(map[string]any)
	return o, ok
}

// asID reads an id, or that of an object; 0 when it is neither.
func asID(v any) int64 {
	switch v := v.(type) {
	case json.Number:
		id, _ := v.Int64()
		return id
	case float64:
		return int64(v)
	case map[string]any:
		return asID(v["id"])
	}
	return 0
}

// each applies a change to every object of a list, and keeps those that it
// says to keep.
func each(list any, what string, keep func(map[string]any) (bool, error)) ([]any, error) {
	items, ok := list.([]any)
	if !ok {
		return nil, unexpected(what)
	}
	kept := []any{}
	for _, item := range items {
		o, ok := asObject(item)
		if !ok {
			return nil, unexpected(what)
		}
		good, err := keep(o)
		if err != nil {
			return nil, err
		}
		if good {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

// ofProject lets a list through only when all of it is of the project that the
// request is about.
func ofProject(f *flight, doc any) (any, error) {
	return each(doc, "a list", func(o map[string]any) (bool, error) {
		if f.project == 0 || asID(o["project"]) != f.project {
			return false, unexpected("a thing of another project")
		}
		return true, nil
	})
}

// wholeLabels asks for all of a label's fields. To leave out one of those that
// expand=label shows would put back, in its place, the ids of every project
// that has the label.
func wholeLabels(_ http.ResponseWriter, f *flight) (bool, error) {
	f.query = f.query.without("omit", "omit[]") // it reads both
	return false, nil
}

// nothing answers what would only call out of the house.
func nothing(w http.ResponseWriter, _ *parsed) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// toSignIn leads from the console's sign-in page to the upstream's.
func toSignIn(w http.ResponseWriter, f *parsed) error {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, f.r, f.gate.root+"/user/login/?"+query{{"next", f.query.get("next")}}.encode(), http.StatusFound)
	return nil
}

// tellRefusals tells administrators how often which rule refused.
func tellRefusals(w http.ResponseWriter, f *flight) (bool, error) {
	return true, answerJSON(w, map[string]any{"refusals": f.gate.Refusals()})
}

// fromRoster has Roster answer, whoever asks.
func fromRoster(w http.ResponseWriter, f *parsed) error {
	f.gate.config.Own.ServeHTTP(w, f.r)
	return nil
}

// actor is who sent the request.
func (f *identified) actor() roster.Actor { return f.caller.who }

// reads reports whether a request asks, and changes nothing.
func (f *parsed) reads() bool { return f.r.Method == http.MethodGet }
