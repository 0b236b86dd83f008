package gateway

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
)

// Route is one line of the policy, as it is shown to people and to tests.
type Route struct {
	Methods []string `json:"methods"` // "*": every one
	Path    string   `json:"path"`
	// When is the parameter, or the placeholder of the path, "name=value", without
	// which the line is not meant: "name" whatever its value, and "" for most.
	When string `json:"when,omitempty"`
	Who  string `json:"who"` // an action of the policy, or who answers without one
	// Where is "project" for what is asked about one project, "organization", or
	// "" where nothing is asked.
	Where string   `json:"where,omitempty"`
	Needs []string `json:"needs,omitempty"` // one of these must be in the query or the body
	Body  string   `json:"body,omitempty"`  // "json", "stream", "form"
	Note  string   `json:"note,omitempty"`
}

// Routes is the whole policy, in the order in which it is read.
func Routes() []Route {
	all := []Route{}
	for _, r := range rules() {
		route := Route{Methods: r.methods, Path: r.path, Who: r.who(), Needs: r.needs, Body: bodies[r.body],
			Note: r.notes, When: r.when.String()}
		if r.door == upstream {
			route.Where = scopes[r.scope]
		}
		all = append(all, route)
	}
	return all
}

var (
	bodies = map[bodyKind]string{jsonBody: "json", streamBody: "stream", formBody: "form"}
	scopes = map[scope]string{inOrganization: "organization", inProject: "project"}
)

// who says whom a rule lets through.
func (r *rule) who() string {
	switch r.door {
	case anonymous:
		return "anybody"
	case own:
		return "Roster answers"
	case itself:
		return "the gate answers"
	case shut:
		return "nobody"
	}
	return string(r.action)
}

var (
	typed  = regexp.MustCompile(`<[^>]*>`)
	suffix = regexp.MustCompile(`\\?\.<format>|<drf_format_suffix:format>`)
)

// Unrouted reads a list of routes as Label Studio ships it (all_urls.json) and
// returns those that no line of the policy is about. They are refused; a new
// one shows what a release of the upstream brought. The .json twins of routes
// are left out: nothing but the plain form passes.
func Unrouted(list io.Reader) ([]string, error) {
	var urls []struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(list).Decode(&urls); err != nil {
		return nil, err
	}
	all, missing := rules(), []string{}
	for _, u := range urls {
		if !suffix.MatchString(u.URL) && !covered(all, u.URL) {
			missing = append(missing, u.URL)
		}
	}
	return missing, nil
}

// covered reports whether a rule is about a route, whatever its method.
func covered(all []*rule, route string) bool {
	path := strings.Trim(strings.ReplaceAll(route, `\.`, "."), "/")
	var segments []string
	if path != "" {
		segments = strings.Split(path, "/")
	}
	for _, r := range all {
		if r.about(segments) {
			return true
		}
	}
	return false
}

// about compares a rule with a route that has placeholders of its own.
func (r *rule) about(segments []string) bool {
	parts, deep := r.parts, len(segments) > 0 && strings.HasPrefix(segments[len(segments)-1], "<path")
	if r.rest {
		parts = parts[:len(parts)-1]
	}
	if deep { // any number of segments, of which the rule may name the first
		segments = segments[:len(segments)-1]
		parts = parts[:min(len(parts), len(segments))]
	}
	if len(parts) > len(segments) || len(parts) < len(segments) && !r.rest || len(segments) == len(parts) &&
		r.rest && !deep {
		return false
	}
	for i, part := range parts {
		open, theirs := part[0] == '{', typed.MatchString(segments[i])
		if open && !theirs && !fits(strings.Trim(part, "{}"), segments[i]) || !open && part != segments[i] && !theirs {
			return false
		}
	}
	return true
}
