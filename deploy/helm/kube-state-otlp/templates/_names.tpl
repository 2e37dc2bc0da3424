{{- define "kube-state-otlp.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kube-state-otlp.fullname" -}}
{{- $name := include "kube-state-otlp.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kube-state-otlp.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "kube-state-otlp.accountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kube-state-otlp.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "kube-state-otlp.nodeAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- printf "%s-node" (include "kube-state-otlp.accountName" .) }}
{{- else }}
{{- include "kube-state-otlp.accountName" . }}
{{- end }}
{{- end }}

{{- /* Labels of every object. */ -}}
{{- define "kube-state-otlp.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{ include "kube-state-otlp.selector" . }}
{{- with .Values.customLabels }}
{{ tpl (toYaml .) $ }}
{{- end }}
{{- if .Values.releaseLabel }}
release: {{ .Release.Name }}
{{- end }}
{{- end }}

{{- /* Labels that select all pods of the release. */ -}}
{{- define "kube-state-otlp.selector" -}}
{{- if .Values.selectorOverride }}
{{- toYaml .Values.selectorOverride }}
{{- else -}}
app.kubernetes.io/name: {{ include "kube-state-otlp.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- end }}

{{- /* image of a dict with registry, repository, tag and sha; `root` and `tag` beside it. */ -}}
{{- define "kube-state-otlp.image" -}}
{{- $registry := default .image.registry .root.Values.global.imageRegistry }}
{{- if $registry }}{{ $registry }}/{{ end }}{{ .image.repository }}:{{ default .tag .image.tag }}
{{- if .image.sha }}@sha256:{{ trimPrefix "sha256:" .image.sha }}{{ end }}
{{- end }}

{{- /* Pull secrets as Kubernetes wants them, from names and from objects with a name. */ -}}
{{- define "kube-state-otlp.pullSecrets" -}}
{{- $all := concat .Values.global.imagePullSecrets .Values.imagePullSecrets }}
{{- if $all }}
imagePullSecrets:
{{- range $all }}
  - name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
