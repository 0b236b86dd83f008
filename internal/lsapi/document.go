package lsapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"roster"
	"roster/internal/lsapi/schema"
	"roster/internal/membership"
)

// Document describes the whole surface, for anybody to read.
func (api *API) Document() *schema.Document { return document() }

// document is made of the routes, one of which answers with it: so it is set afterwards.
var document func() *schema.Document

func init() {
	document = sync.OnceValue(func() *schema.Document {
		d, err := newDocument()
		if err != nil {
			panic(err) // the examples are in the binary: a test would have found it
		}
		return d
	})
}

func newDocument() (*schema.Document, error) {
	examples, err := readExamples()
	if err != nil {
		return nil, err
	}
	t, described := types(), []*schema.Family{}
	for _, f := range families() {
		described = append(described, &schema.Family{
			Title: f.title, Text: f.text,
			Operations: each(f.routes, func(rt route) *schema.Operation { return rt.operation(t, examples) }),
		})
	}
	return schema.New(described, schema.Options{
		Title: "Roster", Version: "1", Types: t, Error: "Error", Statuses: meanings, Security: credentials,
		Description: "Who may work on which labeling project. Every path is served with and without a " +
			"trailing slash. Lists in queries are a,b or x=a&x=b; bodies are JSON, form or multipart; times " +
			"are ISO 8601.",
	})
}

// meanings is what the statuses of errors say, unless an operation says more.
var meanings = map[int]string{
	http.StatusBadRequest: "Something in the request is not understood; validation_errors says what, by " +
		"field. Nothing was changed.",
	http.StatusUnauthorized:          "No credential, or a bad one.",
	http.StatusForbidden:             "The caller may not do this.",
	http.StatusNotFound:              "There is no such thing, or the caller may not see it.",
	http.StatusRequestEntityTooLarge: "The body is larger than 8 MiB.",
	http.StatusUnsupportedMediaType:  "The body is of a type that is not read.",
	http.StatusTooManyRequests:       "Too many requests; Retry-After says how many seconds to wait.",
	http.StatusServiceUnavailable:    "The server is busy; Retry-After says how many seconds to wait.",
}

// sessionCookie is the cookie that package auth reads.
const sessionCookie = "sessionid"

var credentials = map[string]any{
	"token": map[string]any{"type": "apiKey", "in": "header", "name": "Authorization",
		"description": "Token, a space, and a legacy token."},
	"bearer": map[string]any{"type": "http", "scheme": "bearer",
		"description": "An access token, from /api/token/refresh."},
	"session": map[string]any{"type": "apiKey", "in": "cookie", "name": sessionCookie,
		"description": "The session of somebody who signed in at /user/login/. Taken where no header has a credential, " +
			"and not from another site's page."},
	"key": map[string]any{"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Either token alone."},
}

// readExamples is the examples by operation. They are written from recorded exchanges,
// when those are.
func readExamples() (examples map[string]*schema.Example, err error) {
	raw, err := reference.ReadFile("reference/examples.json")
	if err != nil {
		return nil, err
	}
	return examples, json.Unmarshal(raw, &examples)
}

// operation is what the document says of a route.
func (rt route) operation(t *schema.Types, examples map[string]*schema.Example) *schema.Operation {
	op := &schema.Operation{Method: rt.method, Path: rt.path, Summary: rt.summary, Description: rt.text, Open: rt.open}
	op.Example = examples[op.Key()]
	for _, part := range rt.do.parts {
		for _, f := range part.fields {
			op.Add(f.described(rt.path, t))
		}
	}
	answers := append([]answer{{rt.success(), reflect.Zero(rt.do.out).Interface(), rt.media, rt.answer}}, rt.others...)
	if rt.once {
		op.Add(keyField)
		answers = append(answers, answer{status: http.StatusUnprocessableEntity,
			text: "The key was used for another request."})
	}
	for _, a := range answers {
		op.Answers = append(op.Answers, a.described(t))
	}
	return op
}

// keyField is the header of what is done once.
var keyField = schema.Field{
	In: "header", Name: "Idempotency-Key", Schema: schema.Text,
	Text: "Does this once, however often it is sent with this key, for 24 hours. 1 to 255 characters.",
}

// described is a field in the document. What stands in a path is said in one place.
func (f field) described(path string, t *schema.Types) schema.Field {
	text := f.text
	if f.in == "path" {
		before, _, _ := strings.Cut(path, "/{"+f.name+"}")
		text = pathWords[before[strings.LastIndex(before, "/")+1:]+"/{"+f.name+"}"]
	}
	return schema.Field{In: f.in, Name: f.name, Schema: f.schema(t), Text: text, Required: f.required}
}

func (a answer) described(t *schema.Types) schema.Answer {
	out := schema.Answer{Status: a.status, Media: a.media, Text: a.text}
	if a.like != nil && a.media == "" && a.like != any(nothing{}) {
		out.Schema = t.Go(reflect.TypeOf(a.like))
	}
	return out
}

func types() *schema.Types {
	t := &schema.Types{}
	*t = schema.Types{
		Enums: map[reflect.Type][]string{
			reflect.TypeFor[roster.Role]():           codesOf(roster.Roles),
			reflect.TypeFor[roster.UserType]():       codesOf(roster.UserTypes),
			reflect.TypeFor[roster.PauseReason]():    codesOf(roster.PauseReasons),
			reflect.TypeFor[roster.AssignmentType](): {string(roster.Annotate), string(roster.Review)},
			reflect.TypeFor[roster.RoleSource]():     codesOf(roster.RoleSources),
			reflect.TypeFor[settingsKind]():          codesOf(settingsKinds),
			reflect.TypeFor[projectRoleCode]():       {string(roster.RoleAnnotator), string(roster.RoleReviewer)},
		},
		Like: map[reflect.Type]schema.Schema{
			reflect.TypeFor[stamp]():               schema.OrNull(schema.Time),
			reflect.TypeFor[firstAssignmentJSON](): schema.Ref("Assignment"),
			reflect.TypeFor[projectCountsJSON]():   schema.Ref("ProjectCounts"),
			reflect.TypeFor[copyMode]():            schema.Enum(codesOf(copyModes)...),
			reflect.TypeFor[defaultRoleJSON]():     schema.Ref("DefaultRole"),
			reflect.TypeFor[projectJSON]():         schema.Ref("Project"),
			// null where nobody asked for them
			reflect.TypeFor[[]projectRefJSON](): schema.OrNull(schema.List(t.Go(reflect.TypeFor[projectRefJSON]()))),
		},
	}
	t.Name(shapes(t))
	return t
}

func codesOf[T ~string](codes []T) []string {
	return each(codes, func(code T) string { return string(code) })
}

// shapes are the names that the texts use, each with the Go type that the wire
// has there, so that neither can change alone.
func shapes(t *schema.Types) map[string]any {
	return map[string]any{
		"ActivityPage": activityPageJSON{}, "Billing": billingInfoJSON{}, "Assignment": assignmentJSON{},
		"AssignmentType": roster.AssignmentType(""),
		"DefaultRole":    written(t, defaultRoleOf(roster.Organization{})), "Error": envelope{}, "Filter": filterJSON{},
		"FoundPerson": foundJSON{},
		"Invitation":  invitationJSON{}, "Member": memberJSON{}, "MemberTag": memberTagJSON{},
		"MembershipDetail": membershipDetailJSON{}, "MembershipPreview": membershipPreviewJSON{},
		"MembershipOption": membershipOptionJSON{}, "Operation": operationJSON{},
		"OperationCounts": operationCountsJSON{},
		"Made":            madeJSON{}, "OperationDetail": operationDetailJSON{},
		"OperationKind": roster.OperationKind(""), "Organization": organizationJSON{},
		"OrganizationID": organizationIDJSON{}, "Pause": pauseJSON{}, "PauseReason": roster.PauseReason(""),
		"Permission":       permissionJSON{},
		"PermissionOption": permissionOptionJSON{}, "Person": personRowJSON{}, "Preview": previewJSON{},
		"Project": written(t, projectOf(membership.ProjectView{})), "ProjectCounts": counted(t),
		"ProjectRole": projectRoleJSON{}, "ReviewRule": reviewRuleJSON{}, "Role": roster.Role(""),
		"RoleSource": roster.RoleSource(""), "SamlSettings": samlSettingsJSON{}, "SamlUpdate": samlUpdateJSON{},
		"ScimSettings": scimReadJSON{}, "ScimUpdate": scimSettingsJSON{}, "Seat": seatJSON{},
		"SessionPolicy": sessionPolicyJSON{}, "State": stateJSON[transitionsJSON]{},
		"SettingsState": stateJSON[settingsJSON]{},
		"TagImport":     tagImportJSON{}, "Task": taskJSON{}, "TaskSimple": taskSimpleJSON{}, "Token": tokenJSON{},
		"TokenSettings": tokenSettingsJSON{}, "User": userJSON{}, "UserSimple": userSimpleJSON{},
		"UserAPI": userAPIJSON{}, "UserType": roster.UserType(""), "Valid": validityJSON{}, "WhoAmI": whoamiJSON{},
		"Workspace":       workspaceJSON{},
		"WorkspaceMember": workspaceMemberJSON{}, "RoleGiven": roleGivenJSON{},
	}
}

// counted is the schema of a project's counts, of which a request may choose some.
func counted(t *schema.Types) schema.Schema {
	s := written(t, projectCountsOf(slices.Concat(choosableCounts, otherCounts))(membership.ProjectView{}))
	s["required"] = []any{"id"}
	return s
}

// written is the schema of an object that is made field by field: null today
// is anything, and a setting may be null.
func written(t *schema.Types, v map[string]any) schema.Schema {
	properties := schema.Schema{}
	for name, value := range v {
		switch value := value.(type) {
		case nil:
			properties[name] = schema.Schema{}
		case map[string]any:
			properties[name] = written(t, value)
		default:
			properties[name] = t.Go(reflect.TypeOf(value))
		}
	}
	if len(v) == 0 {
		return schema.Object
	}
	return schema.Record(properties, slices.Collect(maps.Keys(v))...)
}
