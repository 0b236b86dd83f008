package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// understood is a request as Django reads it.
type understood struct {
	user     int64
	method   string
	path     string
	query    map[string]string // the last of each
	body     string
	fields   map[string]any // of the body, whatever its format; the last of each
	header   http.Header
	chunked  []string // how the body is transferred, when not whole
	projects []int64  // of everything it names
}

// retried is what Django makes of a path without a slash at the end.
func retried(path string) string {
	if !strings.HasSuffix(path, "/") {
		return path + "/"
	}
	return path
}

// understand reads a request with Django's eyes.
func (f *fake) understand(r *http.Request) understood {
	raw, _, _ := strings.Cut(r.RequestURI, "?")
	path, err := url.PathUnescape(raw) // once
	if err != nil {
		path = raw
	}
	u := understood{
		method: r.Method, path: retried(path), query: map[string]string{}, fields: map[string]any{},
		header: r.Header.Clone(), chunked: r.TransferEncoding,
	}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		u.query[name], _ = url.QueryUnescape(value)
	}
	body, _ := io.ReadAll(r.Body)
	u.body = string(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	u.fields = formFields(r.Header.Get("Content-Type"), body)
	u.user = people[f.credential(r)]
	u.projects = u.named()
	return u
}

// credential is whose name a request comes in.
func (f *fake) credential(r *http.Request) string {
	if key := r.Header.Get("X-Api-Key"); key != "" {
		return strings.TrimPrefix(key, "tok-")
	}
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); scheme == "Bearer" {
		for name, id := range people {
			if id == userOf(token) {
				return name
			}
		}
		return token
	} else if scheme != "" {
		return strings.TrimPrefix(token, "tok-")
	}
	if c, err := r.Cookie("sessionid"); err == nil {
		return strings.TrimPrefix(c.Value, "up-")
	}
	return ""
}

// formFields reads a body in every format that the upstream takes.
func formFields(contentType string, body []byte) map[string]any {
	fields := map[string]any{}
	kind, params, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(string(body))
		for name, list := range values {
			fields[name] = list[len(list)-1]
		}
	case "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(1 << 20)
		if err == nil {
			for name, list := range form.Value {
				fields[name] = list[len(list)-1]
			}
		}
	default:
		json.Unmarshal(body, &fields)
	}
	return fields
}

var thing = regexp.MustCompile(
	`/(projects|tasks|annotations|drafts|views|predictions|ml|file-upload|webhooks|label_links|exports|imports|reimports|s3)/([0-9]+)`)

// named is the projects of everything that a request names.
func (u understood) named() (all []int64) {
	add := func(kind string, text string) {
		id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return
		}
		if kind == "s3" {
			kind = "storage"
		}
		if p, known := projectOf[kind][id]; known {
			all = append(all, p)
		}
	}
	for _, m := range thing.FindAllStringSubmatch(u.path, -1) {
		add(m[1], m[2])
	}
	if rest, ok := strings.CutPrefix(u.path, "/data/upload/"); ok {
		add("projects", strings.SplitN(rest, "/", 2)[0])
	}
	if rest, ok := strings.CutPrefix(u.query["filepath"], "upload/"); ok {
		add("projects", strings.SplitN(rest, "/", 2)[0])
	}
	for name, kind := range map[string]string{"project": "projects", "view": "views", "task": "tasks",
		"annotation": "annotations"} {
		add(kind, u.query[name])
		if v, there := u.fields[name]; there {
			add(kind, fmt.Sprint(v))
		}
	}
	return all
}
