{{- /* What is read, from the values and files/resources.yaml. Each of these returns YAML that `fromYaml` reads back. */ -}}

{{- /* Whether namespaced Roles are all that may be created. */ -}}
{{- define "kube-state-otlp.isNamespaced" -}}
{{- if not .Values.rbac.useClusterRole }}true{{ end }}
{{- end }}

{{- /* names: the namespaces that are read, after the deny list; empty means all. */ -}}
{{- define "kube-state-otlp.namespaces" -}}
{{- $names := list }}
{{- range (kindIs "string" .Values.namespaces | ternary (splitList "," (toString .Values.namespaces)) .Values.namespaces) }}
{{- with trim (tpl . $) }}{{ $names = append $names . }}{{ end }}
{{- end }}
{{- if .Values.releaseNamespace }}{{ $names = append $names (include "kube-state-otlp.namespace" .) }}{{ end }}
{{- if and (not $names) (include "kube-state-otlp.isNamespaced" .) }}
{{- $names = list (include "kube-state-otlp.namespace" .) }}
{{- end }}
{{- toYaml (dict "names" ($names | uniq)) }}
{{- end }}

{{- /* names: the namespaces that are not read. */ -}}
{{- define "kube-state-otlp.deniedNamespaces" -}}
{{- $names := list }}
{{- range (kindIs "string" .Values.namespacesDenylist | ternary (splitList "," (toString .Values.namespacesDenylist)) .Values.namespacesDenylist) }}
{{- with trim (tpl . $) }}{{ $names = append $names . }}{{ end }}
{{- end }}
{{- toYaml (dict "names" ($names | uniq)) }}
{{- end }}

{{- /* plurals: the resources that are read; isDefault: whether they are the defaults of kube-state-otlp. */ -}}
{{- define "kube-state-otlp.resources" -}}
{{- $known := (.Files.Get "files/resources.yaml" | fromYaml).resources }}
{{- $defaults := list }}
{{- range $plural, $resource := $known }}
{{- if $resource.default }}{{ $defaults = append $defaults $plural }}{{ end }}
{{- end }}
{{- $named := default $defaults .Values.collectors }}
{{- $plurals := list }}
{{- range concat $named .Values.collectorsExtra }}
{{- $isReadable := or (index $known .).namespaced (not (include "kube-state-otlp.isNamespaced" $)) }}
{{- if and $isReadable (not (has . $.Values.collectorsExclude)) }}{{ $plurals = append $plurals . }}{{ end }}
{{- end }}
{{- if not $plurals }}{{ fail "collectors: nothing is left to read" }}{{ end }}
{{- $plurals = $plurals | uniq | sortAlpha }}
{{- toYaml (dict "plurals" $plurals "isDefault" (eq (join "," $plurals) (join "," (sortAlpha $defaults)))) }}
{{- end }}

{{- /* Whether anything is pushed. */ -}}
{{- define "kube-state-otlp.isPushing" -}}
{{- if or .Values.otlp.endpoint .Values.destinations .Values.collector.sidecar.enabled }}true{{ end }}
{{- end }}

{{- /* groups: the plurals of custom resources by group, as far as the rules are among the values. */ -}}
{{- define "kube-state-otlp.customResources" -}}
{{- $groups := dict }}
{{- if and .Values.customResourceState.enabled .Values.customResourceState.create }}
{{- range ((.Values.customResourceState.config).spec).resources }}
{{- $group := default "" .groupVersionKind.group }}
{{- $kind := lower (default "*" .groupVersionKind.kind) }}
{{- $plural := printf "%ss" $kind }}
{{- if eq $kind "*" }}{{ $plural = "*" }}
{{- else if regexMatch "(s|x|z|ch|sh)$" $kind }}{{ $plural = printf "%ses" $kind }}
{{- else if regexMatch "[^aeiou]y$" $kind }}{{ $plural = printf "%sies" (trimSuffix "y" $kind) }}
{{- end }}
{{- $plurals := append (default list (index $groups $group)) (default $plural .resourcePlural) }}
{{- $_ := set $groups $group (sortAlpha (uniq $plurals)) }}
{{- end }}
{{- end }}
{{- toYaml (dict "groups" $groups) }}
{{- end }}

{{- /* The objects that hold rules: clusterGroups has plurals by group, namespaces has such groups by namespace. */ -}}
{{- define "kube-state-otlp.ruleSources" -}}
{{- $given := .Values.customResourceState }}
{{- $sources := list }}
{{- if $given.configMapSelector }}
{{- $sources = append $sources (dict "group" "" "plural" "configmaps" "namespaces" $given.configMapNamespaces) }}
{{- end }}
{{- if $given.resourceMetricsMonitors }}
{{- $group := "resource-state-metrics.instrumentation.k8s-sigs.io" }}
{{- $sources = append $sources (dict "group" $group "plural" "resourcemetricsmonitors" "namespaces" $given.resourceMetricsMonitorNamespaces) }}
{{- end }}
{{- $clusterGroups := dict }}
{{- $namespaces := dict }}
{{- range $source := $sources }}
{{- if not $source.namespaces }}{{ $_ := set $clusterGroups $source.group (list $source.plural) }}{{ end }}
{{- range $source.namespaces }}
{{- $groups := default dict (index $namespaces .) }}
{{- $_ := set $groups $source.group (list $source.plural) }}
{{- $_ := set $namespaces . $groups }}
{{- end }}
{{- end }}
{{- toYaml (dict "clusterGroups" $clusterGroups "namespaces" $namespaces) }}
{{- end }}

{{- /* Values of kube-state-metrics' chart that mean nothing here, or something else. */ -}}
{{- define "kube-state-otlp.validateMoved" -}}
{{- if .Values.kubeRBACProxy.enabled }}
{{- fail "kubeRBACProxy.enabled: not available; set authFilter.enabled, with which kube-state-otlp itself asks the API server about each scraper's token" }}
{{- end }}
{{- if .Values.prometheus.scrapeconfig.enabled }}
{{- fail "prometheus.scrapeconfig.enabled: not available; set prometheus.monitor.enabled for a ServiceMonitor, or otlp.endpoint to push" }}
{{- end }}
{{- if and .Values.networkPolicy.enabled (ne (default "kubernetes" .Values.networkPolicy.flavor) "kubernetes") }}
{{- fail (printf "networkPolicy.flavor: %s is not available; set it to kubernetes, and add other policies by extraManifests" .Values.networkPolicy.flavor) }}
{{- end }}
{{- range .Values.networkPolicy.ingress }}
{{- range .ports }}
{{- if has (toString .port) (list "http" "metrics") }}
{{- fail (printf "networkPolicy.ingress: no port is named %s here; name http-metrics (object state) or telemetry (self-metrics, readiness)" .port) }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq (base .Values.image.repository) "kube-state-metrics" }}
{{- fail (printf "image.repository: %s is the image of kube-state-metrics; name one of kube-state-otlp" .Values.image.repository) }}
{{- end }}
{{- end }}

{{- /* Combinations of values that cannot work. */ -}}
{{- define "kube-state-otlp.validate" -}}
{{- include "kube-state-otlp.validateMoved" . }}
{{- if and .Values.customResourceState.enabled (not .Values.customResourceState.create) (not .Values.customResourceState.name) }}
{{- fail "customResourceState.name: needed without create" }}
{{- end }}
{{- if and (or .Values.customResourceState.enabled .Values.customResourceState.configMapSelector .Values.customResourceState.resourceMetricsMonitors) (include "kube-state-otlp.isNamespaced" .) }}
{{- fail "customResourceState needs rbac.useClusterRole: the definitions of custom resources are cluster-scoped" }}
{{- end }}
{{- if and .Values.authFilter.enabled (include "kube-state-otlp.isNamespaced" .) }}
{{- fail "authFilter.enabled needs rbac.useClusterRole: reviews of access are cluster-scoped" }}
{{- end }}
{{- $isPushing := include "kube-state-otlp.isPushing" . }}
{{- $isDivided := or .Values.autosharding.enabled .Values.leaderElection.enabled }}
{{- if and (gt (int .Values.replicas) 1) (not $isDivided) $isPushing }}
{{- fail "replicas: several replicas that push would send the same series; set leaderElection.enabled, with which one of them pushes, or autosharding.enabled, which divides the objects among them" }}
{{- end }}
{{- if and .Values.otlp.endpoint .Values.collector.sidecar.enabled }}
{{- fail "otlp.endpoint and collector.sidecar.enabled exclude each other: with a sidecar, set collector.sidecar.prometheusUrl" }}
{{- end }}
{{- if .Values.prometheus.podMonitor.targetLabels }}
{{- fail "prometheus.podMonitor.targetLabels: a PodMonitor has podTargetLabels only" }}
{{- end }}
{{- if and .Values.perNode.enabled (include "kube-state-otlp.isNamespaced" .) }}
{{- fail "perNode.enabled needs rbac.useClusterRole: pods of a node are read from all namespaces" }}
{{- end }}
{{- if .Values.perNode.enabled }}
{{- if not (has "pods" (include "kube-state-otlp.resources" . | fromYaml).plurals) }}
{{- fail "perNode.enabled needs pods among the collectors" }}
{{- end }}
{{- if (include "kube-state-otlp.namespaces" . | fromYaml).names }}
{{- fail "perNode.enabled excludes namespaces and releaseNamespace: pods of a node are read from all namespaces" }}
{{- end }}
{{- end }}
{{- if and $isPushing (include "kube-state-otlp.isNamespaced" .) (not .Values.otlp.instance_id) }}
{{- fail "otlp.instance_id: needed without rbac.useClusterRole, which reads the UID of the namespace kube-system; set it to a name that is unique among all that push to the same place" }}
{{- end }}
{{- end }}
