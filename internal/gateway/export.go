package gateway

import (
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/app"
)

// withoutMedia has an export hold no files, except for those who may change the
// organization. The upstream fetches whatever address a task holds: uploads of
// any project from its disk, and from itself in its owner's name, with the
// owner's token. Who manages one project writes those addresses.
func withoutMedia(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.gate.app.Somewhere(f.r.Context(), app.EditOrganization) {
		return false, nil
	}
	const option = "download_resources"
	kinds := []string{}
	for _, p := range f.query {
		if p.name == "exportType" || p.name == "export_type" {
			kinds = append(kinds, p.value)
		}
	}
	if f.rule.body == jsonBody {
		if f.body == nil || f.body.list {
			return false, badJSON
		}
		kind, _ := f.body.objects[0].get("export_type")
		kinds = append(kinds, unquoted(kind))
		f.body.objects[0].set(option, false)
	}
	if slices.ContainsFunc(kinds, func(kind string) bool { return strings.Contains(strings.ToUpper(kind), "_WITH_") }) {
		return false, roster.Errorf(roster.Forbidden, "Only administrators export the files themselves. Export without them, or fetch them one by one.")
	}
	f.query = f.query.with(option, "false")
	return false, nil
}
