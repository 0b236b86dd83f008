package gateway

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"

	"roster"
	"roster/internal/core"
)

// maxConfig is how large a labeling configuration may be, in bytes of JSON: for
// 1 MiB, some 40,000 choices, the upstream takes three seconds already.
const maxConfig = 1 << 20

// What of a labeling configuration the upstream multiplies by what there is in the project.
const (
	maxKeyPoints = 200      // labels of key points: in some exports, each annotation or rectangle has all of them
	maxControls  = 300      // each is looked for in each result
	maxObjects   = 300      // what is labeled: each is looked for in each task
	maxName      = 128      // bytes of a name, which is looked for in others
	maxTargets   = 1000     // names of what controls are for: each is looked for in each result
	maxFlags     = 20       // indexes of Repeaters: each is looked for in each name
	maxDepth     = 50       // elements within one another: for each label all around it are looked at
	maxCompared  = 24 << 20 // bytes of configurations that are read for one: once for each kind of result there is
	oneReading   = 2000     // bytes that reading one takes as long as, however short it is
)

// configures refuses a labeling configuration that is too large, or that is not the Owner's
// and brings a program, or what the upstream could work on for hours.
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
	if f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	config := unquoted(raw)
	if what := programIn(config); what != "" {
		return roster.InvalidField("label_config",
			"Only the Owner uses %s in a labeling configuration, and Administrators do not either: "+
				"it is a program, or hides one. Leave it out, or ask the Owner. Nothing was changed.", what)
	}
	if err := plainNames(config); err != nil {
		return err
	}
	return f.comparesLittle(config)
}

// comparesLittle refuses a labeling configuration that is too large for what its project has:
// the upstream reads it anew for each kind of result.
func (f *flight) comparesLittle(config string) error {
	if f.project == 0 {
		return nil
	}
	var has tally
	if err := f.ask("/api/projects/"+formatID(f.project)+"/summary/", nil, &has); err != nil {
		return err
	}
	compared := has.compared() - 2*maxForeign // what somebody who labels may have added is no reason
	if (len(config)+oneReading)*max(0, compared) <= maxCompared {
		return nil
	}
	return roster.InvalidField("label_config",
		"Is too large for this project, which has %d kinds of results, and labels or drafts of %d controls: only the "+
			"Owner gives it one of more than %d bytes. Nothing was changed.",
		len(has.Results), has.compared()-len(has.Results), max(0, maxCompared/compared-oneReading))
}

// tally is what the upstream has counted of a project: what its tasks say, the kinds of results
// that its annotations have, and the labels of annotations and of drafts, by the names of their
// controls.
type tally struct {
	Data    map[string]json.RawMessage `json:"all_data_columns"`
	Results map[string]json.RawMessage `json:"created_annotations"`
	Labels  map[string]json.RawMessage `json:"created_labels"`
	Drafts  map[string]json.RawMessage `json:"created_labels_drafts"`
}

// compared is for how many things the upstream reads a new configuration once more: each kind
// of result, and each control that there are labels of.
func (t tally) compared() int {
	n := len(t.Results) + len(t.Labels)
	for name := range t.Drafts {
		if _, counted := t.Labels[name]; !counted {
			n++
		}
	}
	return n
}

// controls is what a labeling configuration says about its controls.
type controls struct {
	names     []string // of controls, and of what they are for
	controls  int
	objects   int
	flags     []string // each stands in names for any number of characters
	targets   int      // names of what controls are for
	depth     int      // of elements within one another
	keyPoints int
}

// plainNames refuses a labeling configuration with names that are patterns of text, or with too
// many key points. The upstream reads each name as a pattern, and looks for it in the names
// that annotations have.
func plainNames(config string) error {
	c, err := controlsOf(config)
	if err != nil {
		return roster.InvalidField("label_config", "Must be XML that can be read: %s. Nothing was changed.", err)
	}
	if c.keyPoints > maxKeyPoints {
		return roster.InvalidField("label_config",
			"Must have at most %d labels of key points, and has %d. Nothing was changed.", maxKeyPoints, c.keyPoints)
	}
	if c.controls > maxControls || c.objects > maxObjects {
		return roster.InvalidField("label_config",
			"Must have at most %d controls, and %d things to label. It has %d and %d. Nothing was changed.",
			maxControls, maxObjects, c.controls, c.objects)
	}
	if c.targets > maxTargets || len(c.flags) > maxFlags || c.depth > maxDepth {
		return roster.InvalidField("label_config",
			"Must have at most %d names in toName, %d in indexFlag, and %d elements within one another. "+
				"It has %d, %d and %d. Nothing was changed.",
			maxTargets, maxFlags, maxDepth, c.targets, len(c.flags), c.depth)
	}
	for _, flag := range c.flags {
		if flag == "" || len(flag) > maxName || strings.ContainsAny(flag, ".*") {
			return roster.InvalidField("label_config",
				"The indexFlag %.40q must be a short text without . and *, such as {{idx}}. Nothing was changed.", flag)
		}
	}
	for _, name := range c.names {
		if !literal(name, c.flags) {
			return roster.InvalidField("label_config",
				"The name %.40q must be plain: of at most %d bytes, without *, +, ?, |, \\ and numbers in braces, "+
					"and with the index of a Repeater once. Label Studio takes it for a pattern. Nothing was changed.", name, maxName)
		}
	}
	return nil
}

// repeating is what in a pattern is looked for more than once, or is one of several, or
// refers to another part.
var repeating = regexp.MustCompile(`[*+?|\\]|\{(?:\d+(?:,\d*)?|,\d*)\}`)

// literal reports whether a name is found, or not, by one look at a text: it has one flag at
// most, and nothing that repeats.
func literal(name string, flags []string) bool {
	found := 0
	if len(name) > maxName {
		return false
	}
	for _, flag := range flags {
		found += strings.Count(name, flag)
	}
	for _, flag := range flags {
		name = strings.Replace(name, flag, "", 1)
	}
	return found <= 1 && !repeating.MatchString(name)
}

func controlsOf(config string) (c controls, err error) {
	depth, within := 0, 0 // of elements, and of those that key points lie in
	err = elements(config, true, func(e xml.StartElement) {
		c.add(e)
		depth++
		c.depth = max(c.depth, depth)
		if within > 0 {
			c.keyPoints++
		}
		if within > 0 || strings.EqualFold(e.Name.Local, "KeyPointLabels") {
			within++
		}
	}, func() { depth, within = depth-1, max(0, within-1) })
	return c, err
}

// add notes what one element says.
func (c *controls) add(e xml.StartElement) {
	named, control := false, false
	for _, a := range e.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "name":
			named = true
			c.names = append(c.names, a.Value)
		case "toname":
			control = true
			to := strings.Split(a.Value, ",")
			c.names, c.targets = append(c.names, to...), c.targets+len(to)
		case "indexflag":
			c.flags = append(c.flags, a.Value)
		}
	}
	switch {
	case control:
		c.controls++
	case named:
		c.objects++
	}
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
			return false, roster.InvalidField(name,
				"Nobody has annotations made up here: Label Studio would run what the configuration says. "+
					"Leave it out for a sample of the task alone. Nothing was done.")
		}
	}
	return false, nil
}
