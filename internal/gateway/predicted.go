package gateway

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"roster"
)

// Label Studio compares each region of a prediction with the labeling configuration, and
// where it does not fit writes down all that would: it keeps that for all of a request.
const (
	maxMisfits = 16 << 20    // characters that are written for regions that do not fit
	maxLooks   = 400_000_000 // labels and other regions that regions are compared with
	maxRegion  = 256 << 10   // bytes of a region that is looked into; a larger one is taken not to fit
)

// What Label Studio makes of a field of a task that it takes for a prediction, in bytes.
const weightOfPrediction = 1500

// fitting is what the predictions of a request come to.
type fitting struct {
	by      labeling
	fields  []string // of tasks, which are predictions themselves
	listed  int
	looks   int
	regions int
	first   string // what the first region that does not fit says
	seen    bool   // there are predictions
	said    labelsSaid
}

// predictions follows JSON to the regions of its predictions, and holds one of them.
type predictions struct {
	*fitting
	always  bool // every result is a prediction's
	within  int  // how deep a list of predictions lies that this is in; 0: in none
	reading bool // a region
	region  []byte
	result  resultSoFar
}

// resultSoFar is what has been seen of one result.
type resultSoFar struct {
	open     bool
	regions  int
	compared int  // of those, with all the others
	shapes   bool // some are shapes, by which labels with their id are compared
	shaped   int  // characters that are listed if those do not fit
}

// anew follows another text of the same request.
func (p *predictions) anew() *predictions {
	if p == nil {
		return nil
	}
	return &predictions{fitting: p.fitting, always: p.always}
}

// begins is the first byte of a value, or of a name.
func (p *predictions) begins(s *jsonScale, name string, c byte) error {
	if p.within == 0 && name == "predictions" && (c == '[' || c == '{') {
		p.within = s.depth + 1
	}
	if s.depth == 1 { // a task, or a part of the only one
		return p.makes(s.weight)
	}
	return nil
}

// makes counts a task whose fields are made into predictions.
func (p *predictions) makes(weight *int64) error {
	if p == nil || len(p.fields) == 0 {
		return nil
	}
	listed := 0
	for _, name := range p.fields {
		*weight += weightOfPrediction + int64(len(name))
		if c := p.by.controls[name]; c != nil {
			listed += c.listed
		}
	}
	p.seen = true
	return p.lists(listed, strings.Join(p.fields, ","))
}

// follow is a byte that the scale has read.
func (p *predictions) follow(s *jsonScale, c byte) error {
	if s.depth < p.within {
		p.within = 0
	}
	switch {
	case p.reading:
		return p.reads(c, !s.inText && s.depth == s.result)
	case c == '{' && !s.inText && s.result != 0 && s.depth == s.result+1 && (p.always || p.within != 0):
		p.reading, p.region, p.result.open = true, append(p.region[:0], c), true
	case p.result.open && s.result == 0:
		return p.endsResult()
	}
	return nil
}

// reads is a byte of a region, perhaps its last.
func (p *predictions) reads(c byte, last bool) error {
	if len(p.region) <= maxRegion {
		p.region = append(p.region, c)
	}
	if !last {
		return nil
	}
	p.reading, p.seen = false, true
	return p.judge()
}

// shapesOfRegions are the types by which a label is compared that has the same id.
var shapesOfRegions = []string{"rectangle", "polygon", "ellipse", "keypoint", "brush", "bitmask", "vector"}

// judge counts what a region comes to. What is not surely right counts as wrong.
func (p *predictions) judge() error {
	p.result.regions++
	p.regions++
	said := map[string]any{}
	if len(p.region) > maxRegion || json.Unmarshal(p.region, &said) != nil {
		p.result.compared++
		return p.lists(p.by.widest, "")
	}
	what, _ := said["type"].(string)
	from, _ := said["from_name"].(string)
	to, _ := said["to_name"].(string)
	what = strings.ToLower(what)
	if what == "labels" || what == "relation" {
		p.result.compared++
	}
	p.result.shapes = p.result.shapes || slices.Contains(shapesOfRegions, what)
	c := p.by.controls[from]
	switch {
	case c == nil: // nothing is listed
		return nil
	case !slices.Contains(c.to, to) || len(c.labels) > 0 && !c.fits(from, what, said["value"]):
		return p.lists(c.listed, from)
	case c.tag == "labels" && said["id"] != nil:
		p.result.shaped += c.listed
	}
	return p.looksAt(len(c.labels))
}

// endsResult is the end of a result.
func (p *predictions) endsResult() error {
	r := p.result
	p.result = resultSoFar{}
	if err := p.looksAt(4 * r.compared * r.regions); err != nil || !r.shapes {
		return err
	}
	return p.lists(r.shaped, "")
}

// lists counts what is written for a region that does not fit, and may name its control.
func (f *fitting) lists(characters int, name string) error {
	if f.first == "" {
		f.first = name
	}
	if f.listed += characters; f.listed <= maxMisfits {
		return nil
	}
	return roster.InvalidField("predictions",
		"Too many results do not fit the labeling configuration, the first of them from %.40q: Label Studio would list "+
			"what does for each, %d million characters and more. Use its labels and names, or send them in parts. "+
			"Nothing was changed.", f.first, maxMisfits>>20)
}

// looksAt counts what a region is compared with.
func (f *fitting) looksAt(n int) error {
	if f.looks += n; f.looks <= maxLooks {
		return nil
	}
	return roster.InvalidField("predictions",
		"Label Studio would compare these results with more than %d labels and other results. Send them in parts. "+
			"Nothing was changed.", maxLooks)
}

// need is what a value has to have to be surely right.
type need struct {
	field string
	is    func(any) bool
	may   bool // be left out
}

// shape is what the value of a control's region is: labels under a name, and more.
type shape struct {
	labels string
	needs  []need
}

// fits reports whether a value is surely one that the upstream takes for a control of a name and
// results of a type.
func (c *control) fits(name, what string, value any) bool {
	v, _ := value.(map[string]any)
	s, known := shapesOfValues[c.tag]
	_, another := v[name].(map[string]any)
	merged := c.tag == "labels" && what != c.tag // with a shape, whose value it has
	if v == nil || another || merged || !known || !c.labeled(v[s.labels]) {
		return false
	}
	return !slices.ContainsFunc(s.needs, func(n need) bool {
		v, there := v[n.field]
		return there && !n.is(v) || !there && !n.may
	})
}

// labeled reports whether a list has labels of a control, and nothing else.
func (c *control) labeled(list any) bool {
	return onlyOf(list, func(v any) bool {
		if c.tag == "taxonomy" {
			return onlyOf(v, c.label)
		}
		return c.label(v)
	})
}

func (c *control) label(v any) bool {
	text, isWords := v.(string)
	_, there := c.labels[text]
	return isWords && (there || len(c.labels) == 0)
}

// onlyOf reports whether something is a list of nothing else, or empty.
func onlyOf(list any, is func(any) bool) bool {
	items, isList := list.([]any)
	return isList && !slices.ContainsFunc(items, func(v any) bool { return !is(v) })
}

func some(is func(any) bool) func(any) bool {
	return func(v any) bool { items, _ := v.([]any); return len(items) > 0 && onlyOf(v, is) }
}

func upTo(most float64) func(any) bool {
	return func(v any) bool { n, is := v.(float64); return is && n <= most }
}

func orNull(is func(any) bool) func(any) bool { return func(v any) bool { return v == nil || is(v) } }

func isWords(v any) bool  { _, is := v.(string); return is }
func isSwitch(v any) bool { _, is := v.(bool); return is }
func isByte(v any) bool   { return isWhole(v) && v.(float64) <= 255 }
func isEdge(v any) bool   { return isWords(v) || isFinite(v) }

func isWhole(v any) bool {
	n, is := v.(float64)
	return is && n >= 0 && n == math.Trunc(n) && n < 1<<53
}

var isFinite = upTo(math.Inf(1))

func isPoint(v any) bool {
	items, _ := v.([]any)
	return len(items) == 2 && onlyOf(v, upTo(100))
}

func isRange(v any) bool {
	o, _ := v.(map[string]any)
	enabled, said := o["enabled"]
	return isFinite(o["start"]) && isFinite(o["end"]) && (!said || orNull(isSwitch)(enabled))
}

func needs(is func(any) bool, fields ...string) (all []need) {
	for _, field := range fields {
		all = append(all, need{field: field, is: is})
	}
	return all
}

// shapesOfValues is by the tags of controls, in small letters, what their values are. For what
// is not here, nothing is surely right.
var shapesOfValues = map[string]shape{
	"choices":  {"choices", nil},
	"taxonomy": {"taxonomy", nil},
	"labels":   {"labels", needs(isEdge, "start", "end")},
	"hypertextlabels": {"hypertextlabels", append(needs(isEdge, "start", "end"),
		need{"startOffset", orNull(isWhole), true}, need{"endOffset", orNull(isWhole), true})},
	"paragraphlabels": {"paragraphlabels", append(needs(isEdge, "start", "end"),
		need{"startOffset", orNull(isWhole), true}, need{"endOffset", orNull(isWhole), true})},
	"timeserieslabels": {"timeserieslabels", append(needs(isEdge, "start", "end"), need{"instant", isSwitch, false})},
	"timelinelabels":   {"timelinelabels", needs(some(isRange), "ranges")},
	"rectanglelabels": {"rectanglelabels", append(needs(upTo(100), "x", "y", "width", "height"),
		need{"rotation", orNull(upTo(360)), true})},
	"ellipselabels": {"ellipselabels", append(needs(upTo(100), "x", "y"), need{"radiusX", upTo(50), false},
		need{"radiusY", upTo(50), false}, need{"rotation", orNull(upTo(360)), true})},
	"keypointlabels": {"keypointlabels", needs(upTo(100), "x", "y")},
	"polygonlabels":  {"polygonlabels", []need{{"points", func(v any) bool { return onlyOf(v, isPoint) }, false}}},
	"brushlabels":    {"brushlabels", append(needs(some(isByte), "rle"), need{"format", isWords, true})},
	"bitmasklabels":  {"bitmasklabels", append(needs(isWords, "imageDataURL"), need{"format", orNull(isWords), true})},
}

// heldAnyway is how many regions may be wrong in whichever configuration there can be.
const heldAnyway = 8

// fittingPrediction looks at a prediction that is sent by itself, which some settings of the
// upstream's have compared as well.
func fittingPrediction(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.body == nil {
		return false, nil
	}
	count := &fitting{}
	if err := f.body.compare(count); err != nil || count.regions <= heldAnyway {
		return false, err
	}
	config, err := f.configured()
	if err != nil {
		return false, err
	}
	return false, f.body.compare(&fitting{by: labelingOf(config)})
}

// compare counts what the results of a body come to.
func (c *content) compare(count *fitting) error {
	for _, o := range c.objects {
		raw, _ := o.get("result")
		s := &jsonScale{weight: new(int64), likely: &predictions{fitting: count, always: true}}
		if err := s.weigh(slices.Concat([]byte(`{"result":`), raw, []byte("}"))); err != nil {
			return err
		}
	}
	return nil
}
