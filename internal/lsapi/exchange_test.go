package lsapi

import (
	"encoding/json"
	"io/fs"
	"strconv"
	"strings"

	"roster/internal/lsapi/schema"
)

// Exchange is a request that was sent and the answer it got, as recorded:
//
//	> METHOD path as USER, then header lines, then one line of body
//	< STATUS, then header lines, then the body
type Exchange struct {
	Method, Target string // the target is a path and its query
	Header         map[string]string
	Body           string
	Status         int
	Answer         string
}

// ReadExchanges reads every record of a directory.
func ReadExchanges(dir fs.FS) (out []Exchange, err error) {
	names, err := fs.Glob(dir, "*.txt")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		for _, block := range strings.Split(string(raw), "\n\n") {
			if x, ok := readExchange(block); ok {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

func readExchange(block string) (x Exchange, ok bool) {
	sent, got := []string{}, []string{}
	for line := range strings.SplitSeq(block, "\n") {
		if text, isSent := strings.CutPrefix(line, "> "); isSent {
			sent = append(sent, text)
		} else if text, isGot := strings.CutPrefix(line, "< "); isGot {
			got = append(got, text)
		}
	}
	if len(sent) == 0 || len(got) == 0 {
		return x, false
	}
	x.Method, x.Target, _ = strings.Cut(sent[0], " ")
	x.Target, _, _ = strings.Cut(x.Target, " ")
	x.Status, _ = strconv.Atoi(got[0])
	x.Header, x.Body = headers(sent[1:])
	_, x.Answer = headers(got[1:])
	return x, true
}

// headers splits lines at the first that is no header.
func headers(lines []string) (found map[string]string, rest string) {
	found = map[string]string{}
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ": ")
		if !ok || strings.ContainsAny(name, "{[\"<, ") {
			return found, strings.Join(lines[i:], "\n")
		}
		found[name] = value
	}
	return found, ""
}

// find is the operation that a method and path lead to, nil for none: names
// before parameters, as the router has it. Either slash form will do.
func find(families []*schema.Family, method, target string) *schema.Operation {
	path, _, _ := strings.Cut(target, "?")
	path = strings.TrimSuffix(path, "/")
	var best *schema.Operation
	for _, f := range families {
		for _, op := range f.Operations {
			if op.Method == method && matches(op.Path, path) &&
				(best == nil || strings.Count(op.Path, "{") < strings.Count(best.Path, "{")) {
				best = op
			}
		}
	}
	return best
}

func matches(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != have[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// RecordedExamples is the first exchange of every operation that went well, as the page shows it.
func RecordedExamples(families []*schema.Family, exchanges []Exchange) map[string]*schema.Example {
	examples := map[string]*schema.Example{}
	for _, x := range exchanges {
		op := find(families, x.Method, x.Target)
		if op == nil || examples[op.Key()] != nil || x.Status >= 300 {
			continue
		}
		e := &schema.Example{Request: x.Target, Status: x.Status}
		json.Unmarshal([]byte(x.Body), &e.Body) // a form is no example
		if json.Unmarshal([]byte(x.Answer), &e.Answer) == nil {
			e.Media, e.Answer = "application/json", short(e.Answer)
		} else if x.Answer != "" {
			e.Media, e.Answer = "text/csv", x.Answer
		}
		examples[op.Key()] = e
	}
	return examples
}

// short keeps the first of every list.
func short(v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) > 1 {
			v = v[:1]
		}
		for i := range v {
			v[i] = short(v[i])
		}
		return v
	case map[string]any:
		for name := range v {
			v[name] = short(v[name])
		}
	}
	return v
}
