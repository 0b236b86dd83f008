package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"roster"
)

// What the upstream makes of what it is sent, in bytes of its memory. A list of empty
// objects was found to come to 204 for each, with the copies that an import makes.
const (
	weightOfByte   = 4   // of JSON, as it comes and as text
	weightOfValue  = 200 // an object, a list, a text
	weightOfName   = 100 // most come again and again, and are kept once
	weightOfNumber = 50  // or true, false, null
	weightOfRow    = 600 // of a file of rows
	weightOfCell   = 100
	maxWeight      = 1 << 30
	// maxMask is how many values the masks of one result unpack to: 250 megapixels, four
	// values each, in one region or in all of them.
	maxMask = 1_000_000_000
	// maxShapeLabels is how many labels a shape may have: Label Studio makes the shape once
	// more for each, in some formats of export.
	maxShapeLabels = 20
	// maxKinds is of how many kinds the results of one request may be: each is a column of a
	// table, and is compared with the configuration.
	maxKinds = 300
)

// shapeLabels are the lists of labels for which a shape is made once each.
var shapeLabels = []string{"brushlabels", "polygonlabels"}

var (
	tooHeavy = roster.Errorf(roster.TooLarge,
		"Label Studio would make more than 1 GiB of this: it holds too many values. Send it in parts. Nothing was changed.")
	tooDense = roster.InvalidField("rle",
		"The masks of one result say that they unpack to more than 1,000,000,000 values, which is 250 megapixels. "+
			"Nothing was changed.")
	tooLabeled = roster.InvalidField("result",
		"A brush or a polygon has at most %d labels, in a list. Label Studio would make it once for each. "+
			"Nothing was changed.", maxShapeLabels)
	notAList = roster.InvalidField("result", "Must be a list, and not a text that holds one. Nothing was changed.")
	tooNamed = roster.InvalidField("result",
		"The results of one request are of at most %d kinds, by from_name, to_name and type. Send them in parts. "+
			"Nothing was changed.", maxKinds)
	unplaced = roster.InvalidField("result",
		"What has from_name needs to_name and a type, all of them texts: Label Studio does not count it otherwise. "+
			"Nothing was changed.")
)

// scale weighs what passes before the upstream holds it.
type scale interface {
	// next takes one more byte; an error where the upstream would hold too much.
	next(c byte) error
}

// jsonScale weighs JSON, and holds no more of it than the name of a field. It need not
// refuse what is no JSON: the upstream does.
type jsonScale struct {
	weight  *int64 // of all that the request brings
	depth   int
	inText  bool
	escaped bool
	inWord  bool
	hasText bool              // what was read last is a text
	text    []byte            // the beginning of a text, or of a word, as it is written
	name    string            // of the field whose value comes next
	packed  bool              // the text is a packed mask
	result  int               // how deep the result lies that this is in; 0: in none
	mask    int               // how deep the packed mask lies whose first four bytes are read; 0: none
	head    []byte            // those
	masks   int64             // to how many values the masks of this result unpack
	shape   int               // how deep the list of a shape's labels lies; 0: in none
	labels  int               // how many it has
	textOf  string            // the name of the field whose value this text is
	region  region            // what an item of this result says
	results map[kind]struct{} // of which kinds all results are
	lists   lists             // in the value of an item of this result
	said    labelsSaid        // by all results, where likely is nil
	likely  *predictions      // counts what lies in predictions; nil: that is not asked
}

// region is what an item of a result says by which the upstream counts it.
type region struct {
	kind           kind
	named          bool // it has from_name, whatever that is
	from, to, what bool // those that are texts
}

// countedBy are the three.
var countedBy = []string{"from_name", "to_name", "type"}

// says takes one of those fields. The upstream counts by all three with a bar between them,
// and cannot change a configuration any more once one has a bar of its own.
func (r *region) says(field, text string) error {
	if len(text) > longestKey || strings.Contains(text, "|") {
		return roster.InvalidField("result", "A %s has at most %d bytes, and no |. Nothing was changed.", field, longestKey)
	}
	switch field {
	case "from_name":
		r.kind.from, r.from = text, true
	case "to_name":
		r.kind.to, r.to = text, true
	default:
		r.kind.what, r.what = text, text != "" && text != "relation"
	}
	return nil
}

// called is the name of a field, whose value comes next: of two of one name the second counts.
func (r *region) called(name string) {
	switch name {
	case "from_name":
		r.named, r.from = true, false
	case "to_name":
		r.to = false
	case "type":
		r.what = false
	}
}

func (s *jsonScale) next(c byte) error {
	s.lists.keep(c)
	if err := s.read(c); err != nil || s.likely == nil {
		return err
	}
	return s.likely.follow(s, c)
}

func (s *jsonScale) read(c byte) error {
	if *s.weight += weightOfByte; *s.weight > maxWeight {
		return tooHeavy
	}
	switch {
	case s.inText:
		return s.inside(c)
	case c == '"' || c == '{' || c == '[':
		return s.begins(weightOfValue, c)
	case c == '}' || c == ']':
		return s.ends()
	case c == ':':
		s.isName()
	case c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n':
		return s.endsWord()
	case s.inWord:
		s.keep(c)
	default:
		return s.begins(weightOfNumber, c)
	}
	return nil
}

// inside is a byte within a text, or its end.
func (s *jsonScale) inside(c byte) error {
	s.inText = c != '"' || s.escaped
	s.hasText = !s.inText
	s.escaped = c == '\\' && !s.escaped
	switch {
	case s.inText:
		s.keep(c)
	case s.packed:
		return s.unpacksText()
	default:
		return s.endsText()
	}
	return nil
}

// endsText is the end of a text. The upstream reads a result out of one, and takes each
// letter of one for a label.
func (s *jsonScale) endsText() error {
	switch {
	case s.textOf == "result":
		if text := strings.TrimSpace(s.written()); text == "" && len(s.text) > longestKey ||
			strings.IndexAny(text, "[{") == 0 {
			return notAList
		}
	case s.result != 0 && slices.Contains(shapeLabels, s.textOf) && len(s.text) > maxShapeLabels:
		return tooLabeled
	case s.result != 0 && s.depth == s.result+1 && slices.Contains(countedBy, s.textOf):
		return s.region.says(s.textOf, s.written())
	}
	return nil
}

// endsRegion is the end of an item of a result.
func (s *jsonScale) endsRegion() error {
	r := s.region
	defer func() { s.region, s.lists = region{}, lists{} }()
	switch {
	case s.result == 0 || !r.named:
		return nil
	case !r.from || !r.to || !r.what:
		return unplaced
	case s.results == nil:
		s.results = map[kind]struct{}{}
	}
	if s.results[r.kind] = struct{}{}; len(s.results) > maxKinds {
		return tooNamed
	}
	return s.says(r.kind)
}

func (s *jsonScale) keep(c byte) {
	if len(s.text) <= longestKey {
		s.text = append(s.text, c)
	}
}

// isName is the end of a name: the text that was just read.
func (s *jsonScale) isName() {
	s.name, s.inWord = s.written(), false
	if s.result != 0 && s.depth == s.result+1 {
		s.region.called(s.name)
	}
	if s.hasText {
		*s.weight -= weightOfValue - weightOfName
	}
	s.hasText = false
}

// written is the text that was just read, where it may be a name that is looked for.
func (s *jsonScale) written() string {
	if bytes.IndexByte(s.text, '\\') < 0 {
		return string(s.text)
	}
	return unquoted(json.RawMessage(`"` + string(s.text) + `"`))
}

// begins is the first byte of a value, or of a name.
func (s *jsonScale) begins(weight int64, c byte) error {
	if err := s.endsWord(); err != nil {
		return err
	}
	*s.weight += weight
	s.hasText = false
	if s.shape != 0 && s.depth == s.shape {
		if s.labels++; s.labels > maxShapeLabels {
			return tooLabeled
		}
	}
	name := s.name
	s.textOf = name
	if s.likely != nil {
		if err := s.likely.begins(s, name, c); err != nil {
			return err
		}
	}
	s.name, s.text = "", append(s.text[:0], c)
	switch {
	case c == '"':
		s.inText, s.packed, s.text = true, name == "rle", s.text[:0]
		s.mask = 0 // the upstream unpacks no texts in a list, nor lists
	case c == '{' || c == '[':
		s.opens(name, c)
	default:
		s.inWord = true
	}
	return nil
}

// opens is the beginning of a list or an object, under a name or none.
func (s *jsonScale) opens(name string, c byte) {
	s.depth, s.mask = s.depth+1, 0
	s.lists.opened(s.depth-s.result, name, c)
	switch {
	case name == "result" && s.result == 0:
		s.result, s.masks = s.depth, 0
	case name == "rle" && c == '[':
		s.mask, s.head = s.depth, s.head[:0]
	case s.result != 0 && slices.Contains(shapeLabels, name):
		s.shape, s.labels = s.depth, 0
	case s.depth == s.result+1:
		s.region, s.lists = region{}, lists{}
	}
}

// ends is the end of a list or an object.
func (s *jsonScale) ends() error {
	if err := s.endsWord(); err != nil {
		return err
	}
	s.lists.reading = s.lists.reading && s.depth != s.result+3
	switch s.depth {
	case s.result:
		s.result = 0
	case s.shape:
		s.shape = 0
	case s.result + 1:
		if err := s.endsRegion(); err != nil {
			return err
		}
	}
	s.depth, s.mask, s.name = max(0, s.depth-1), 0, ""
	return nil
}

// endsWord is the end of a number, if this is one. Of those of a packed mask the upstream
// takes the last eight bits.
func (s *jsonScale) endsWord() error {
	if !s.inWord || s.mask == 0 {
		s.inWord = false
		return nil
	}
	s.inWord = false
	n, isInteger := new(big.Int).SetString(strings.NewReplacer("true", "1", "false", "0").Replace(string(s.text)), 10)
	switch {
	case len(s.text) > longestKey:
		return tooDense
	case !isInteger: // which nothing is unpacked from
		s.mask = 0
		return nil
	}
	s.head = append(s.head, byte(new(big.Int).And(n, big.NewInt(0xff)).Int64()))
	if len(s.head) < 4 {
		return nil
	}
	s.mask = 0
	return s.unpacks(s.head)
}

// unpacksText is unpacks of a text, which the upstream takes for the bytes of a mask.
func (s *jsonScale) unpacksText() error {
	s.packed = false
	head := s.text[:min(4, len(s.text))]
	switch {
	case bytes.IndexByte(head, '\\') >= 0:
		return tooDense
	case len(head) < 4:
		return nil
	}
	return s.unpacks(head)
}

// unpacks counts a mask whose first four bytes are these: they say how many values the
// upstream makes room for. Masks of one result it holds at once.
func (s *jsonScale) unpacks(head []byte) error {
	if s.result == 0 {
		s.masks = 0
	}
	if s.masks += int64(binary.BigEndian.Uint32(head)); s.masks > maxMask {
		return tooDense
	}
	return nil
}

// weigh weighs what was read whole.
func (s *jsonScale) weigh(raw []byte) error {
	for _, c := range raw {
		if err := s.next(c); err != nil {
			return err
		}
	}
	return s.endsWord()
}
