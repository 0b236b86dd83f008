package gateway

import (
	"net/http"
	"strings"

	"roster"
	"roster/internal/core"
)

// maxConfig is how large a labeling configuration may be, in bytes of JSON: for
// 1 MiB, some 40,000 choices, the upstream takes three seconds already.
const maxConfig = 1 << 20

// configures refuses a labeling configuration that is too large, or that brings a program
// and is not the Owner's.
func (f *flight) configures(o object) error {
	raw, there := o.get("label_config")
	switch {
	case !there || string(raw) == "null":
		return nil
	case len(raw) > maxConfig:
		return roster.InvalidField("label_config", "Must be at most %d bytes. Nothing was changed.", maxConfig)
	case raw[0] != '"':
		return roster.InvalidField("label_config", "Must be a text. Nothing was changed.")
	}
	what := programIn(unquoted(raw))
	if what == "" || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	return roster.InvalidField("label_config", "Only the Owner uses %s in a labeling configuration, and Administrators do not either: "+
		"it is a program, or hides one. Leave it out, or ask the Owner. Nothing was changed.", what)
}

// programIn is what in a labeling configuration is a program, or may spell one that nobody
// sees; "" where there is nothing. ReactCode (CustomInterface was its name before) is code,
// and its outputs are a schema by which Label Studio runs more. Names of tags have one
// spelling, in either case, but for what a document type declares.
func programIn(config string) string {
	config = strings.ToLower(config)
	for _, what := range []string{"ReactCode", "CustomInterface", "<!DOCTYPE", "<!ENTITY"} {
		if strings.Contains(config, strings.ToLower(what)) {
			return what
		}
	}
	return ""
}

// madeUpData refuses to have annotations made up, to everybody: Label Studio makes them by
// the configuration's schemas, runs the Python that stands in those ($provider, $state,
// $fixed), and fetches what they refer to ($ref). The task alone is made of constants.
func madeUpData(_ http.ResponseWriter, f *flight) (bool, error) {
	const name = "include_annotation_and_prediction"
	if f.body == nil {
		return false, nil
	}
	for _, o := range f.body.objects {
		if raw, there := o.get(name); there && string(raw) != "false" && string(raw) != "null" {
			return false, roster.InvalidField(name, "Nobody has annotations made up here: Label Studio would run what the configuration says. "+
				"Leave it out for a sample of the task alone. Nothing was done.")
		}
	}
	return false, nil
}
