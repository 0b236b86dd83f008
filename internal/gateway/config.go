package gateway

import (
	"encoding/json"
	"encoding/xml"
	"io"
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
	maxCompared  = 50 << 20 // bytes of configurations that are read for one: once for each kind of result there is
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
	if len(config)*len(has.Results) <= maxCompared {
		return nil
	}
	return roster.InvalidField("label_config",
		"Is too large for this project, which has %d kinds of results: only the Owner gives it one of more than %d "+
			"bytes. Nothing was changed.",
		len(has.Results), maxCompared/len(has.Results))
}

// tally is what the upstream has counted of a project: what its tasks say, and the kinds of
// results that its annotations have.
type tally struct {
	Data    map[string]json.RawMessage `json:"all_data_columns"`
	Results map[string]json.RawMessage `json:"created_annotations"`
}

// controls is what a labeling configuration says about its controls.
type controls struct {
	names     []string // of controls, and of what they are for
	controls  int
	objects   int
	flags     []string // each stands in names for any number of characters
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

func controlsOf(config string) (controls, error) {
	var c controls
	r := xml.NewDecoder(strings.NewReader(config))
	r.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is a text already
	within := 0                                                                          // key points
	for {
		token, err := r.Token()
		switch token := token.(type) {
		case xml.StartElement:
			c.add(token)
			if within > 0 {
				c.keyPoints++
			}
			if within > 0 || strings.EqualFold(token.Name.Local, "KeyPointLabels") {
				within++
			}
		case xml.EndElement:
			within = max(0, within-1)
		}
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
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
			c.names = append(c.names, strings.Split(a.Value, ",")...)
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
