package schema

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// YAML writes decoded JSON as YAML. Scalars are written as JSON has them, which
// is also how YAML reads them.
func YAML(v any) []byte {
	var out bytes.Buffer
	writeYAML(&out, v, 0)
	return out.Bytes()
}

func writeYAML(out *bytes.Buffer, v any, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out.WriteString(indent + yamlKey(key) + ":")
			writeYAMLValue(out, v[key], depth)
		}
	case []any:
		for _, item := range v {
			out.WriteString(indent + "-")
			writeYAMLValue(out, item, depth)
		}
	}
}

// writeYAMLValue writes what stands after a key or a dash: on the same line
// what has no parts.
func writeYAMLValue(out *bytes.Buffer, v any, depth int) {
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	if (isObject && len(object) > 0) || (isList && len(list) > 0) {
		out.WriteString("\n")
		writeYAML(out, v, depth+1)
		return
	}
	out.WriteString(" ")
	enc := json.NewEncoder(out) // which ends the line
	enc.SetEscapeHTML(false)
	enc.Encode(v) // decoded JSON can be encoded
}

var plainKey = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.-]*$`)

// yamlWords would be read as something else than text.
var yamlWords = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}

func yamlKey(key string) string {
	if plainKey.MatchString(key) && !slices.Contains(yamlWords, strings.ToLower(key)) {
		return key
	}
	quoted, _ := json.Marshal(key)
	return string(quoted)
}
