package lsapi

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// unchanged holds fields that the wire lets one write, and that stay as they are in
// Roster, to what is shown of them. What says the same passes, so that what was read can
// be sent back. Anything else is refused by name: passed over, it would look like a change.
func (b *body) unchanged(shown map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		if b.has(name) && !b.isShown(name, shown[name]) {
			b.bad(name, "Roster does not change this. Leave it out, or send it as it is shown. Nothing was changed.")
		}
	}
}

// unchangedInside does the same for the fields of an object.
func (b *body) unchangedInside(name string, shown map[string]any) {
	if inside := b.object(name); inside != nil {
		inside.unchanged(shown)
		b.adopt(name, inside)
	}
}

// isShown reports whether a field says what is shown; null and what is empty say the same.
func (b *body) isShown(name string, shown any) bool {
	sent := b.fields[name]
	if b.isForm {
		sent, _ = json.Marshal(b.str(name))
	}
	raw, err := json.Marshal(shown)
	if err != nil {
		return false
	}
	var one, other any
	if json.Unmarshal(sent, &one) != nil || json.Unmarshal(raw, &other) != nil {
		return false
	}
	return reflect.DeepEqual(one, other) || (blank(one) && blank(other)) || (b.isForm && one == string(raw))
}

func blank(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == nil || v == "" || v == 0.0 || v == false
}
