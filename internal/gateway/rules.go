package gateway

import (
	"slices"

	"roster/internal/core"
)

// rules is the gate's whole policy: every route of Label Studio Community
// Edition 1.23.2, as the upstream spells it, with what a person must be allowed
// to do for it. What is not here is refused. Earlier lines win.
//
// {project}, {task} and the other placeholders are ids; each resolves to the
// one project in which the action is asked about, and so does every id that the
// query or the body names. {rest} is any number of segments: only where the
// upstream's own route takes any number too. Where it takes one, the rest would
// go on to the routes that it looks for anywhere in a path, data/local-files/
// among them.
func rules() []*rule {
	var all []*rule
	for _, part := range [][]*rule{
		shellRules(), pageRules(), rosterRules(), accountRules(), organizationRules(), projectRules(), importRules(),
		viewRules(), taskRules(), annotationRules(), exportRules(), storageRules(), modelRules(), hookRules(), closedRules(),
	} {
		all = append(all, part...)
	}
	return all
}

// shellRules are pages and files. The pages hold no data: they are the same
// program for everybody, which asks the API.
func shellRules() []*rule {
	return []*rule{
		in(core.OwnAccount, "GET", "/").page().then(narrowShell),
		open("GET", "/static/{rest}").program(),
		open("GET", "/react-app/{rest}").program(),
		open("GET", "/label-studio-frontend/{rest}").program(),
		open("GET", "/dm/{rest}").program(),
		self("GET", "/sw.js", idleWorker).because("the upstream's answers for storages in this server's name"),
		open("GET", "/sw-fallback.js").program(),
		open("GET", "/favicon.ico").program(),
		in(core.OwnAccount, "GET", "/samples/time-series.csv").then(narrowSample).
			because("the upstream makes as many rows and columns as it is asked for"),
		open("GET", "/samples/paragraphs.json"),
		open("GET", "/user/login/").page(),
		open("POST", "/user/login/").page().form().then(narrowLogin),
		self("GET POST", "/logout/", signOut),
		self("GET", "/health/", fromRoster),
		self("GET", "/health/live/", fromRoster),
		self("GET", "/health/ready/", fromRoster),
		self("GET", "/heidi-tips/", nothing).because("it would have the upstream fetch them from the internet"),
		self("GET POST", "/__lsa/", nothing).because("telemetry"),
	}
}

// pageRules are the pages that people open, and what describes the API.
func pageRules() []*rule {
	return []*rule{
		in(core.OwnAccount, "GET", "/projects/").page().then(narrowShell),
		at(core.ViewProject, "GET", "/projects/{project}/").page().then(narrowShell),
		at(core.ViewProject, "GET", "/projects/{project}/data/").page().then(narrowShell),
		at(core.ManageTasks, "GET", "/projects/{project}/data/import").page().then(narrowShell),
		at(core.ManageTasks, "GET", "/projects/{project}/data/export").page().then(narrowShell),
		at(core.EditProject, "GET", "/projects/{project}/settings/").page().then(narrowShell),
		at(core.EditProject, "GET", "/projects/{project}/settings/{page}").page().then(narrowShell),
		in(core.EditOrganization, "GET", "/organization/").page(),
		in(core.EditOrganization, "GET", "/organization/webhooks").page(),
		in(core.ManagePeople, "GET", "/people/").page(),
		in(core.EditOrganization, "GET", "/models/").page(),
		in(core.OwnAccount, "GET", "/user/account/").page().then(narrowAccount),
		in(core.OwnAccount, "GET", "/user/account/{page}").page().then(narrowAccount),
		in(core.OwnAccount, "GET", "/api/version/"),
		in(core.OwnAccount, "GET", "/docs/").program(),
		in(core.OwnAccount, "GET", "/docs/api/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/docs/api/schema/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/docs/api/schema/swagger-ui/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/docs/api/schema/redoc/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/docs/api/schema/json/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/docs/api/schema/yaml/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/swagger/").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/swagger.json").program().then(narrowDescribed),
		in(core.OwnAccount, "GET", "/swagger.yaml").program().then(narrowDescribed),
	}
}

// rosterRules are what Roster answers: paths that the Community Edition has
// not, and the few where Roster's answer is the one that counts.
func rosterRules() []*rule {
	return []*rule{
		self("GET", "/roster/user/login", toSignIn).because("people sign in to the upstream, and by that here"),
		never("/roster/user/signup", "people are made in the upstream"),
		in(core.EditOrganization, "GET", "/api/roster/gate/refusals").then(narrowRefusals),
		self("POST", "/api/roster/gate/changes", hear).because("the upstream tells of changes, with the gate's secret"),
		ours("/roster/projects/{project}/made").first(discoverMade),
		ours("/roster"),
		ours("/roster/{rest}"),
		ours("/api/roster/projects/{project}/made").first(discoverMade),
		ours("/api/roster/{rest}"),
		ours("/api/projects/{project}/members"),
		ours("/api/projects/{project}/members/{rest}"),
		ours("/api/projects/{project}/roles"),
		ours("/api/projects/roles"),
		ours("/api/projects/roles/{rest}"),
		ours("/api/projects/{project}/review-routing-rules"),
		ours("/api/projects/{project}/review-routing-rules/bulk"),
		ours("/api/projects/{project}/tasks/assignees").json().first(mirrorTasks),
		ours("/api/projects/{project}/tasks/{task}/assignees").first(mirrorTasks),
		ours("/api/workspaces"),
		ours("/api/workspaces/{rest}"),
		ours("/api/activity-logs"),
		ours("/api/schema"),
		ours("/api/session-policy"),
		ours("/api/billing/info"),
		ours("/api/current-user/hotkeys").names("project").
			because("the upstream knows the account's alone, and would change those"),
		ours("/api/organizations/{organization}/memberships"),
		ours("/api/organizations/{organization}/memberships/{rest}"),
		ours("/api/organizations/{organization}/member-tags"),
		ours("/api/organizations/{organization}/member-tags/{rest}"),
		ours("/api/organizations/{organization}/permissions"),
		ours("/api/organizations/{organization}/permissions/{rest}"),
		ours("/api/organizations/{organization}/seat-report"),
		ours("/api/organizations/{organization}/set-default-role"),
		ours("/api/fsm/organizations/{rest}"),
		ours("/api/fsm/projects/{rest}"),
		ours("/api/fsm/workspaces/{rest}"),
	}
}

func accountRules() []*rule {
	return []*rule{
		in(core.OwnAccount, "GET", "/api/current-user/whoami").then(narrowWhoami),
		in(core.CreateTokens, "GET", "/api/current-user/token"),
		in(core.CreateTokens, "POST", "/api/current-user/reset-token/").json().then(narrowReset),
		in(core.OwnAccount, "GET", "/api/current-user/hotkeys/"),
		in(core.OwnAccount, "PATCH", "/api/current-user/hotkeys/").json("custom_hotkeys"),
		in(core.OwnAccount, "GET", "/api/current-user/product-tour"),
		in(core.OwnAccount, "PATCH POST", "/api/current-user/product-tour").json(),
		in(core.CreateTokens, "GET", "/api/token/"),
		in(core.CreateTokens, "POST", "/api/token/").json(),
		open("POST", "/api/token/refresh/").json("refresh").then(narrowAccess),
		open("POST", "/api/token/blacklist/").json("refresh").then(narrowCredentials),
		in(core.CreateTokens, "POST", "/api/token/rotate/").json("refresh").then(narrowCredentials),
		in(core.OwnAccount, "GET", "/api/users/").then(narrowPeople),
		in(core.ManagePeople, "POST", "/api/users/").json("email", "username", "first_name", "last_name", "phone").
			then(narrowPerson),
		in(core.OwnAccount, "GET", "/api/users/{user}/").then(narrowSelf),
		in(core.OwnAccount, "PATCH", "/api/users/{user}/").json("first_name", "last_name", "phone", "allow_newsletters",
			"custom_hotkeys", "username").then(narrowSelf),
		line(shut, "DELETE PUT", "/api/users/{user}/").
			because("it deletes a person's work with them; take them out of the organization instead"),
		in(core.OwnAccount, "POST DELETE", "/api/users/{user}/avatar/").stream().upTo(maxAvatar).then(narrowAvatar).
			because("the upstream changes the caller's own, whatever the id"),
		in(core.OwnAccount, "GET", "/data/avatars/{picture}"),
	}
}

func organizationRules() []*rule {
	return []*rule{
		in(core.ViewOrganization, "GET", "/api/organizations/"),
		in(core.ViewOrganization, "GET", "/api/organizations/{organization}").then(narrowOrganization),
		in(core.EditOrganization, "PATCH PUT", "/api/organizations/{organization}").json("title", "contact_info").
			then(narrowOrganization),
		in(core.ManageTokens, "GET", "/api/jwt/settings"),
		in(core.ManageTokens, "POST", "/api/jwt/settings").json("api_tokens_enabled", "legacy_api_tokens_enabled",
			"api_token_ttl_days").then(narrowKinds),
	}
}

func projectRules() []*rule {
	return []*rule{
		in(core.FindProject, "GET", "/api/projects/").lowersPages().then(narrowProjects),
		in(core.CreateProject, "POST", "/api/projects/").json().without("organization", "created_by").then(narrowProject),
		in(core.FindProject, "GET", "/api/projects/counts/").lowersPages().then(narrowProjects),
		in(core.CreateProject, "POST", "/api/projects/validate/").json("label_config"),
		at(core.ViewProject, "GET", "/api/projects/{project}/").then(narrowProject),
		at(core.EditProject, "PATCH PUT", "/api/projects/{project}/").json().without("organization", "created_by").
			then(narrowSettings),
		at(core.DeleteProject, "DELETE", "/api/projects/{project}/").then(narrowGone),
		at(core.AnnotateTasks, "GET", "/api/projects/{project}/next/").searching().assigned().then(narrowNext),
		at(core.AnnotateTasks, "GET", "/api/projects/{project}/label-stream-history/"),
		at(core.EditProject, "GET", "/api/projects/{project}/validate/"),
		at(core.EditProject, "POST", "/api/projects/{project}/validate/").json("label_config"),
		at(core.ViewProject, "GET", "/api/projects/{project}/summary/").then(narrowSummary),
		at(core.EditProject, "POST", "/api/projects/{project}/summary/reset/").json(),
		at(core.ManageTasks, "GET", "/api/projects/{project}/imports/{import}/"),
		at(core.ManageTasks, "GET", "/api/projects/{project}/reimports/{reimport}/"),
		at(core.ManageTasks, "GET", "/api/projects/{project}/tasks/").then(narrowWork).because("it knows no assignment"),
		at(core.ManageTasks, "POST", "/api/projects/{project}/tasks/").placed().json("project", "data", "meta",
			"overlap", "inner_id", "allow_skip"),
		at(core.DeleteTasks, "DELETE", "/api/projects/{project}/tasks/").then(narrowGone),
		at(core.EditProject, "POST", "/api/projects/{project}/sample-task/").json("label_config",
			"include_annotation_and_prediction").then(narrowMadeUp).
			because("nothing is made up for annotations: the configuration would say by which program"),
		at(core.ViewProject, "GET", "/api/projects/{project}/model-versions/"),
		at(core.ManageTasks, "DELETE", "/api/projects/{project}/model-versions/").json("model_version"),
		at(core.ReviewTasks, "GET", "/api/projects/{project}/annotators/").then(narrowAnnotators).
			because("who submitted annotations, from the upstream, and whom one may assign, from Roster"),
		in(core.OwnAccount, "GET", "/api/templates/"),
	}
}

func importRules() []*rule {
	return []*rule{
		at(core.ManageTasks, "POST", "/api/projects/{project}/import").stream().then(narrowImport),
		at(core.ManageTasks, "POST", "/api/projects/{project}/tasks/bulk/").stream().then(narrowImport),
		at(core.ManageTasks, "POST", "/api/projects/{project}/import/predictions").stream().then(narrowImport).
			because("the upstream looks for their tasks among the project's"),
		at(core.ManageTasks, "POST", "/api/projects/{project}/reimport").json("file_upload_ids", "files_as_tasks_list",
			"preannotated_from_fields"),
		at(core.ManageTasks, "GET", "/api/projects/{project}/file-uploads"),
		at(core.ManageTasks, "DELETE", "/api/projects/{project}/file-uploads").json("file_upload_ids"),
		at(core.ManageTasks, "GET DELETE", "/api/import/file-upload/{file}"),
		line(shut, "PATCH PUT", "/api/import/file-upload/{file}").because("it could move a file into another project"),
		at(core.ViewTasks, "GET", "/data/upload/{project}/{rest}"),
		at(core.ViewTasks, "GET", "/storage-data/uploaded/").project("filepath").or(core.OwnAccount),
	}
}

func viewRules() []*rule {
	return []*rule{
		at(core.ViewTasks, "GET", "/api/dm/views/").project("project"),
		at(core.AnnotateTasks, "POST", "/api/dm/views/").searching().placed().project("project").
			json("project", "data", "ordering", "order", "selected_items", "filter_group").makes("view").
			because("the task list begins with making its tab"),
		at(core.DeleteTasks, "DELETE", "/api/dm/views/reset/").placed().project("project").json("project").makes("view"),
		at(core.ManageTasks, "POST", "/api/dm/views/order/").placed().project("project").json("project", "ids"),
		at(core.ViewTasks, "GET", "/api/dm/views/{view}/"),
		at(core.AnnotateTasks, "PATCH PUT", "/api/dm/views/{view}/").searching().placed().own().
			json("project", "data", "ordering", "order", "selected_items", "filter_group", "id"),
		at(core.ManageTasks, "DELETE", "/api/dm/views/{view}/").makes("view"),
		at(core.ViewTasks, "GET", "/api/dm/columns/").project("project").then(narrowColumns),
		at(core.ViewTasks, "GET", "/api/dm/project/").project("project").then(narrowState),
		at(core.ViewTasks, "GET", "/api/dm/actions/").project("project").then(narrowActions),
		at(core.AnnotateTasks, "POST", "/api/dm/actions/").searching().asks("id", "next_task").project("project").
			json().assigned().then(narrowNext),
		at(core.DeleteTasks, "POST", "/api/dm/actions/").searching().asks("id", "delete_tasks").project("project").
			json().then(narrowDeletions),
		at(core.DeleteTasks, "POST", "/api/dm/actions/").searching().asks("id", "remove_duplicates").project("project").
			json().then(narrowDeletions),
		at(core.ManageTasks, "POST", "/api/dm/actions/").searching().project("project").json().then(narrowAction),
		at(core.ManageTasks, "GET", "/api/dm/actions/{action}/form/").project("project").then(narrowWork),
	}
}

func taskRules() []*rule {
	return []*rule{
		at(core.ViewTasks, "GET", "/api/tasks/").searching().project("project", "view").assigned().then(narrowTasks),
		at(core.ManageTasks, "POST", "/api/tasks/").placed().project("project").json("project", "data", "meta",
			"overlap", "inner_id", "allow_skip"),
		at(core.ViewTasks, "GET", "/api/tasks/{task}/").assigned().then(narrowTask),
		at(core.ManageTasks, "PATCH PUT", "/api/tasks/{task}/").json("data", "meta", "overlap", "inner_id",
			"is_labeled", "allow_skip", "comment_count").then(narrowWork),
		at(core.DeleteTasks, "DELETE", "/api/tasks/{task}/").then(narrowGone),
		at(core.ViewTasks, "GET", "/api/tasks/{task}/annotations/").assigned().then(narrowAnnotations),
		at(core.AnnotateTasks, "POST", "/api/tasks/{task}/annotations/").assigned().json(annotationFields...),
		at(core.AnnotateTasks, "GET", "/api/tasks/{task}/drafts").assigned().then(narrowDrafts),
		at(core.AnnotateTasks, "POST", "/api/tasks/{task}/drafts").assigned().json(draftFields...),
		at(core.AnnotateTasks, "GET", "/api/tasks/{task}/annotations/{annotation}/drafts").assigned().then(narrowDrafts),
		at(core.AnnotateTasks, "POST", "/api/tasks/{task}/annotations/{annotation}/drafts").assigned().own().
			json(draftFields...),
		at(core.ReviewTasks, "GET", "/api/tasks/{task}/agreement/").then(narrowWork),
	}
}

// The fields that people who label may write. Everything else about an
// annotation, its author above all, is the upstream's to say.
var (
	annotationFields = []string{"result", "lead_time", "draft_id", "parent_prediction", "parent_annotation",
		"was_cancelled", "started_at", "unique_id", "ground_truth"}
	draftFields = []string{"result", "lead_time", "was_postponed", "parent_prediction", "parent_annotation",
		"started_at", "draft_id", "import_id"}
)

func annotationRules() []*rule {
	return []*rule{
		at(core.AnnotateTasks, "GET", "/api/annotations/{annotation}/").own().assigned().then(narrowWork),
		at(core.AnnotateTasks, "PATCH PUT", "/api/annotations/{annotation}/").own().assigned().
			json(annotationFields...).then(narrowWork),
		at(core.AnnotateTasks, "DELETE", "/api/annotations/{annotation}/").own().assigned(),
		at(core.AnnotateTasks, "POST", "/api/annotations/{annotation}/convert-to-draft").own().assigned().json().
			then(narrowWork),
		at(core.AnnotateTasks, "GET", "/api/drafts/{draft}/").assigned(),
		at(core.AnnotateTasks, "PATCH PUT", "/api/drafts/{draft}/").assigned().json(draftFields...),
		at(core.AnnotateTasks, "DELETE", "/api/drafts/{draft}/").assigned(),
		at(core.ViewTasks, "GET", "/api/predictions/").project("project", "task", "task__project").assigned().
			then(narrowPredictions),
		at(core.ManageTasks, "POST", "/api/predictions/").project("project", "task").json().then(narrowPrediction),
		at(core.ViewTasks, "GET", "/api/predictions/{prediction}/").assigned(),
		at(core.ManageTasks, "PATCH PUT", "/api/predictions/{prediction}/").json("result", "score", "model_version",
			"cluster", "neighbors", "mislabeling").then(narrowPrediction),
		at(core.ManageTasks, "DELETE", "/api/predictions/{prediction}/"),
		at(core.ReviewTasks, "GET", "/api/fsm/entities/task/{task}/history").then(narrowHistory),
		at(core.ReviewTasks, "GET", "/api/fsm/entities/annotation/{annotation}/history").then(narrowHistory),
		at(core.ReviewTasks, "GET", "/api/fsm/entities/project/{project}/history").then(narrowHistory),
		at(core.ManageTasks, "POST", "/api/fsm/entities/task/{task}/transition/").json(),
		at(core.ManageTasks, "POST", "/api/fsm/entities/annotation/{annotation}/transition/").json(),
		at(core.EditProject, "POST", "/api/fsm/entities/project/{project}/transition/").json(),
	}
}

func exportRules() []*rule {
	return []*rule{
		at(core.ManageTasks, "GET", "/api/projects/{project}/export").then(narrowExport).
			because("the format decides: roster gate formats"),
		at(core.ManageTasks, "GET", "/api/projects/{project}/export/formats").then(narrowFormats),
		at(core.ManageTasks, "GET", "/api/projects/{project}/export/files"),
		at(core.ManageTasks, "GET", "/api/projects/{project}/exports/").then(narrowWork),
		at(core.ManageTasks, "POST", "/api/projects/{project}/exports/").searching().json().then(narrowSnapshot),
		at(core.ManageTasks, "GET", "/api/projects/{project}/exports/{export}").then(narrowWork),
		at(core.ManageTasks, "DELETE", "/api/projects/{project}/exports/{export}"),
		at(core.ManageTasks, "GET", "/api/projects/{project}/exports/{export}/download").then(narrowExport),
		at(core.ManageTasks, "POST", "/api/projects/{project}/exports/{export}/convert").json().then(narrowExport),
	}
}

const (
	onlyAdministrators = "Only Owners and Administrators set up target storages: Label Studio writes into them who " +
		"labeled, with e-mail addresses, and an import may name anybody. " +
		"Ask an Administrator; managers may sync and remove one that is there. Nothing was changed."
	targetWritten = "it is written the e-mail of whoever an import or a source storage names"
)

func storageRules() []*rule {
	all := []*rule{
		at(core.EditProject, "GET", "/api/storages/").project("project"),
		at(core.EditProject, "GET", "/api/storages/export").project("project"),
		in(core.CreateProject, "GET", "/api/storages/types"),
		in(core.CreateProject, "GET", "/api/storages/export/types"),
		at(core.EditProject, "POST", "/api/storages/{type}/files").placed().project("project").json().then(narrowStorage),
		at(core.EditProject, "GET", "/api/storages/{type}/").project("project"),
		at(core.EditProject, "POST", "/api/storages/{type}/").placed().project("project").json().then(narrowStorage).
			makes("storage"),
		at(core.EditProject, "GET", "/api/storages/export/{type}").project("project"),
		at(core.EditOrganization, "POST", "/api/storages/export/{type}").placed().project("project").json().
			then(narrowStorage).makes("target").saying(onlyAdministrators).because(targetWritten),
		at(core.ViewTasks, "GET", "/tasks/{task}/resolve/").assigned().then(narrowURI),
		at(core.ViewTasks, "GET", "/tasks/{task}/presign/").assigned().then(narrowURI),
		at(core.EditProject, "GET", "/projects/{project}/resolve/"),
		at(core.EditProject, "GET", "/projects/{project}/presign/"),
		at(core.ViewTasks, "GET", "/data/local-files/").project("d").assigned().then(narrowLocalFile).
			because("shut until --upstream-files says where they are; the folder says whose they are"),
	}
	for _, kind := range storageKinds {
		all = append(all, kind.rules()...)
	}
	return slices.Concat(openStorageRules(all), all)
}

// storageKind is a kind of storage, each of which has the same rules.
type storageKind struct {
	path, thing string
	setUp       core.Action
	denied, why string
}

var storageKinds = []storageKind{
	{"/api/storages/{type}/", "storage", core.EditProject, "", ""},
	{"/api/storages/export/{type}/", "target", core.EditOrganization, onlyAdministrators, targetWritten},
}

func (k storageKind) rules() []*rule {
	thing := k.path + "{" + k.thing + "}"
	return []*rule{
		in(core.CreateProject, "GET", k.path+"form"),
		at(k.setUp, "POST", k.path+"validate").placed().project("project").json().then(narrowStorage).
			saying(k.denied).because(k.why),
		at(core.EditProject, "GET DELETE", thing).makes(k.thing),
		at(k.setUp, "PATCH PUT", thing).placed().json().then(narrowStorage).makes(k.thing).saying(k.denied).
			because(k.why),
		at(core.EditProject, "POST", thing+"/sync").json(),
	}
}

// openStorageRules are those of storageRules by which the upstream reaches what asks
// for no credentials: a Redis, into which it would write, too, its own among
// them; and a folder of the server, which may be any project's. The first come
// first: a type in the query, too, has a line be meant.
func openStorageRules(storages []*rule) (all []*rule) {
	const onlyOwner = "Only the Owner sets up Redis storages, and Administrators do not either: Label Studio would " +
		"read and write whatever Redis it reaches. " +
		"Use another kind of storage, or ask the Owner. Nothing was changed."
	for _, kind := range []struct {
		name        string
		action      core.Action
		why, denied string
	}{
		{"redis", core.ActAsUpstream, "it may be the upstream's own", onlyOwner},
		{"localfiles", core.EditOrganization, "the folder may be any project's", ""},
	} {
		for _, r := range storages {
			if r.into && slices.Contains(r.parts, "{type}") {
				stricter := *r
				stricter.action = kind.action
				all = append(all, stricter.asks("type", kind.name).because(kind.why).saying(kind.denied))
			}
		}
	}
	return all
}

func modelRules() []*rule {
	const onlyOwner = "Only the Owner sets up models, and Administrators do not either: Label Studio tells a " +
		"model's address the token of whoever made the project. " +
		"Ask the Owner; managers train and remove a model that is set up. Nothing was changed."
	return []*rule{
		at(core.ViewTasks, "GET", "/api/ml/").project("project"),
		at(core.ActAsUpstream, "POST", "/api/ml/").placed().project("project").json().makes("ml").saying(onlyOwner).
			because("its address is told the token of whoever made the project"),
		at(core.EditProject, "GET DELETE", "/api/ml/{ml}").makes("ml"),
		at(core.ActAsUpstream, "PATCH PUT", "/api/ml/{ml}").placed().json().makes("ml").saying(onlyOwner).because("likewise"),
		at(core.EditProject, "POST", "/api/ml/{ml}/train").json(),
		at(core.EditProject, "POST", "/api/ml/{ml}/predict/test").json(),
		at(core.AnnotateTasks, "POST", "/api/ml/{ml}/interactive-annotating").project("task").assigned().
			json("task", "context"),
		at(core.EditProject, "GET", "/api/ml/{ml}/versions"),
	}
}

func hookRules() []*rule {
	return []*rule{
		at(core.EditProject, "GET", "/api/webhooks/").project("project").or(core.EditOrganization).then(narrowHooks),
		at(core.EditProject, "POST", "/api/webhooks/").placed().project("project").or(core.EditOrganization).json().
			then(narrowNewHook).makes("webhook"),
		in(core.OwnAccount, "GET", "/api/webhooks/info/"),
		at(core.EditProject, "GET DELETE", "/api/webhooks/{webhook}/").or(core.EditOrganization).then(narrowHook).
			makes("webhook"),
		at(core.EditProject, "PATCH PUT", "/api/webhooks/{webhook}/").placed().or(core.EditOrganization).json().
			then(narrowHook).makes("webhook"),
		in(core.EditOrganization, "GET", "/api/labels/").then(narrowPages),
		at(core.AnnotateTasks, "POST", "/api/labels/").placed().project("project").json().then(narrowLabels).
			because("not under the title of another project's label, which would be linked instead"),
		in(core.EditOrganization, "GET DELETE", "/api/labels/{label}/"),
		in(core.EditOrganization, "PATCH PUT", "/api/labels/{label}/").json(),
		at(core.ViewTasks, "GET", "/api/label_links/").project("project").then(narrowLinks),
		at(core.EditProject, "POST", "/api/label_links/").placed().project("project").json().
			because("of a label that a project of the person's has; administrators link any"),
		at(core.EditProject, "GET DELETE", "/api/label_links/{link}/").then(narrowLink),
		at(core.EditProject, "PATCH PUT", "/api/label_links/{link}/").placed().json(),
		at(core.EditProject, "POST", "/api/labels/bulk").placed().project("project").json().then(narrowAction),
	}
}

// closedRules are doors that stay shut for everybody, the Owner too.
func closedRules() []*rule {
	return []*rule{
		never("/admin/", "the Django administration knows no project"),
		never("/admin/{rest}", "the Django administration knows no project"),
		never("/django-rq/", "queues of every project"),
		never("/django-rq/{rest}", "queues of every project"),
		never("/api-auth/login/", "a second way in"),
		never("/api-auth/logout/", "a second way out"),
		never("/user/signup/", "open sign-up; people are invited"),
		never("/api/invite", "one link for everybody, that anybody can pass on"),
		never("/api/invite/{rest}", "one link for everybody, that anybody can pass on"),
		never("/version/", "it shows every setting"),
		never("/metrics/", "not for people"),
		never("/trigger500/", "not for people"),
		never("/feature-flags/", "not for people"),
		never("/api/auth/export/", "it believes a header about which file is asked for"),
		never("/api/", "a list of routes"),
		never("/api/dm/", "a list of routes"),
		never("/scim/{rest}", "people come from the upstream"),
	}
}
