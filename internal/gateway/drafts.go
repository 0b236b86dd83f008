package gateway

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// plainSnapshot refuses a snapshot with drafts, and one that says of people more
// than their number, but to those who may list everybody. Whoever is given it later
// would have them, and in what the upstream makes of it they could not be told
// apart.
func plainSnapshot(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.body == nil || f.body.list {
		return false, nil
	}
	if err := f.maySnapshotFrames(); err != nil {
		return false, err
	}
	drafts, err := onlyIDs(f.body.objects[0], "drafts")
	if err != nil {
		return false, err
	}
	people, err := onlyIDs(f.body.objects[0], "annotations__completed_by")
	switch {
	case err != nil:
		return false, err
	case !drafts:
		return false, roster.Errorf(roster.Forbidden,
			"Nobody exports drafts: a draft is its author's alone. Leave out serialization_options.drafts. Nothing "+
				"was exported.")
	case !people && !f.gate.app.Somewhere(f.r.Context(), core.ManagePeople):
		return false, roster.Errorf(roster.Forbidden,
			"Only administrators export who labeled by name: a file may tell of people whom you do not see here. "+
				"Leave out serialization_options.annotations__completed_by, and it tells their numbers. Nothing was exported.")
	}
	return false, nil
}

// maySnapshotFrames refuses to have frames made up for a snapshot, but to the Owner.
func (f *flight) maySnapshotFrames() error {
	options, err := f.body.objects[0].within("serialization_options")
	if err != nil {
		return err
	}
	if on, _ := options.get(everyFrame); isOn(strings.Trim(string(on), `"`)) &&
		!f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return noFrames
	}
	return nil
}

// onlyIDs reports whether a snapshot tells of something by its id alone: where
// nothing is said, it does. What is not plainly true, the upstream may read as
// false.
func onlyIDs(snapshot object, name string) (bool, error) {
	options, err := snapshot.within("serialization_options")
	if err != nil || options == nil {
		return true, err
	}
	asked, err := options.within(name)
	if err != nil || asked == nil {
		return true, err
	}
	only, _ := asked.get("only_id")
	return string(only) == "true", nil
}

// withoutOthersDrafts leaves the drafts of other people out of an export that
// holds the tasks as they are. It may be larger than memory, and is read task by
// task.
func withoutOthersDrafts(f *flight, answer *http.Response) error {
	if !f.holdsTasks || answer.StatusCode != http.StatusOK {
		return nil
	}
	if answer.Header.Get("Content-Encoding") != "" {
		return unexpected("an export")
	}
	for _, name := range []string{"Content-Length", "Etag", "Last-Modified", "Accept-Ranges", "Content-Md5"} {
		answer.Header.Del(name)
	}
	answer.ContentLength = -1
	answer.Body = newTasks(answer.Body, f.ownDrafts)
	return nil
}

// ownDrafts is what of a task's drafts is the person's. Of one that is told by its
// number alone nobody can say whose it is.
func (f *flight) ownDrafts(raw json.RawMessage) (any, error) {
	doc, err := readDocument(raw)
	if err != nil {
		return nil, unexpected("the drafts of a task")
	}
	if items, isList := doc.([]any); doc == nil || isList {
		doc = slices.DeleteFunc(append([]any{}, items...), isNumber)
	}
	return each(doc, "the drafts of a task", func(draft map[string]any) (bool, error) {
		name, _ := draft["created_username"].(string)
		return lastID(name) == f.actor().UserID, nil
	})
}

func isNumber(v any) bool { _, is := v.(json.Number); return is }

// tasks is a list of tasks on its way, in each of which the drafts are changed as
// it passes.
type tasks struct {
	from    io.ReadCloser
	bound   *io.LimitedReader // what may still be read before a task is whole
	list    *json.Decoder
	drafts  func(json.RawMessage) (any, error)
	out     bytes.Buffer
	next    func() error // what comes next: the beginning, a task, the end
	between string       // what stands before the next task
}

func newTasks(from io.ReadCloser, drafts func(json.RawMessage) (any, error)) *tasks {
	t := &tasks{from: from, bound: &io.LimitedReader{R: from, N: maxAnswer}, drafts: drafts}
	t.list, t.next = json.NewDecoder(t.bound), t.begin
	return t
}

func (t *tasks) Close() error { return t.from.Close() }

func (t *tasks) Read(p []byte) (int, error) {
	for t.out.Len() == 0 {
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	return t.out.Read(p)
}

func (t *tasks) begin() error {
	if token, err := t.list.Token(); err != nil || token != json.Delim('[') {
		return t.broken(err)
	}
	t.out.WriteByte('[')
	t.next = t.task
	return nil
}

func (t *tasks) task() error {
	t.bound.N = maxAnswer
	if !t.list.More() {
		return t.end()
	}
	if token, err := t.list.Token(); err != nil || token != json.Delim('{') {
		return t.broken(err)
	}
	t.out.WriteString(t.between + "{")
	t.between = ","
	for between := ""; t.list.More(); between = "," {
		t.out.WriteString(between)
		if err := t.field(); err != nil {
			return err
		}
	}
	if _, err := t.list.Token(); err != nil {
		return t.broken(err)
	}
	t.out.WriteByte('}')
	return nil
}

// field passes one field of a task on as it is written, unless it is the drafts.
func (t *tasks) field() error {
	token, err := t.list.Token()
	name, _ := token.(string)
	var value json.RawMessage
	if err == nil {
		err = t.list.Decode(&value)
	}
	if err != nil {
		return t.broken(err)
	}
	o := object{{name, value}}
	if name == "drafts" {
		drafts, err := t.drafts(value)
		if err != nil {
			return err
		}
		o.set(name, drafts)
	}
	raw, err := o.append(nil)
	if err == nil {
		t.out.Write(raw[1 : len(raw)-1])
	}
	return err
}

// end lets nothing follow the list.
func (t *tasks) end() error {
	if _, err := t.list.Token(); err != nil {
		return t.broken(err)
	}
	if _, err := t.list.Token(); !errors.Is(err, io.EOF) {
		return t.broken(err)
	}
	t.out.WriteByte(']')
	t.next = func() error { return io.EOF }
	return nil
}

// broken is what an export in another shape comes to, or one that broke off. The
// answer has begun: it is cut, so that nobody takes it for whole.
func (t *tasks) broken(err error) error {
	return fmt.Errorf("gateway: the export is no list of tasks that can be checked: %w", cmp.Or(err, io.ErrUnexpectedEOF))
}
