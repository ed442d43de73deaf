#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate --references: what is missing across objects, and what somebody makes.
# shellcheck disable=SC2154
load validate_helper

@test "--references finds what is missing, and not what is there" {
	cat >in.yaml <<-'Y'
		apiVersion: v1
		kind: Service
		metadata: {name: web}
		spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
		---
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: settings}
		---
		apiVersion: external-secrets.io/v1
		kind: ExternalSecret
		metadata: {name: outside}
		spec: {target: {name: login}}
		---
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: web}
		spec:
		  selector: {matchLabels: {app: web}}
		  template:
		    metadata: {labels: {app: web}}
		    spec:
		      containers:
		      - name: web
		        image: a
		        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: login}}, {secretRef: {name: none, optional: true}}]
		---
		apiVersion: autoscaling/v2
		kind: HorizontalPodAutoscaler
		metadata: {name: web}
		spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
		---
		apiVersion: networking.k8s.io/v1
		kind: Ingress
		metadata: {name: web}
		spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
	Y
	run -0 --separate-stderr validate --kubernetes --references --ignore-missing in.yaml
	[ -z "$output" ]
	sed -i 's/number: 80/number: 81/; s/kind: Deployment, name: web/kind: Deployment, name: wep/; s/configMapRef: {name: settings/configMapRef: {name: setings/; s/selector: {app: web}/selector: {app: x}/' in.yaml
	run -1 --separate-stderr validate --kubernetes --references --ignore-missing in.yaml
	has 'in.yaml:4:18: error: spec.selector: this selects no pods of the objects given (Service web) [ref/selects-nothing]' "$output"
	has 'envFrom[0].configMapRef.name: there is no ConfigMap "setings"; did you mean "settings"?' "$output"
	has 'spec.scaleTargetRef.name: there is no Deployment "wep"; did you mean "web"?' "$output"
	has 'the Service "web" has no port 81' "$output"
	[ "$(grep -c ': error:' <<<"$output")" = 4 ]
}

@test "--references finds objects that are there twice" {
	cat web.yaml <(echo ---) web.yaml >in.yaml
	run -1 --separate-stderr validate -k -r in.yaml
	has 'this object is there twice: the first is at in.yaml:4' "$output"
	sed -i '0,/namespace: shop/s//namespace: other/' in.yaml
	run -0 validate -k -r in.yaml
}

@test "--references: each kind of reference is missed when it dangles, and found when it does not" {
	each() { # YAML-OF-THE-REFERRING MISSING-TEXT YAML-OF-THE-TARGET
		printf '%s\n' "$1" >in.yaml
		run --separate-stderr validate -k -r --ignore-missing --no-rule 'cel-*' in.yaml
		has "$2" "$output"
		[ "$(grep -c '\[ref/' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
		printf -- '---\n%s\n' "$3" >>in.yaml
		run -0 --separate-stderr validate -k -r --ignore-missing --no-rule 'cel-*' in.yaml
		hasnt '[ref/' "$output"
	}
	pod() { printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: a}}\nspec: {%s containers: [{name: c, image: i%s}]}' "$1" "$2"; }
	object() { printf 'apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s' "$@"; }
	each "$(object v1 Service s 'spec: {selector: {app: a}, ports: [{port: 80}]}')" 'this selects no pods' "$(pod '' '')"
	each "$(object networking.k8s.io/v1 NetworkPolicy np 'spec: {podSelector: {matchLabels: {app: a}}}')" 'this selects no pods' "$(pod '' '')"
	each "$(object policy/v1 PodDisruptionBudget b 'spec: {minAvailable: 1, selector: {matchLabels: {app: a}}}')" 'this selects no pods' "$(pod '' '')"
	each "$(pod '' ', envFrom: [{configMapRef: {name: x}}]')" 'there is no ConfigMap "x"' "$(object v1 ConfigMap x '')"
	each "$(pod '' ', env: [{name: A, valueFrom: {configMapKeyRef: {name: x, key: k}}}]')" 'there is no ConfigMap "x"' "$(object v1 ConfigMap x '')"
	each "$(pod 'volumes: [{name: v, projected: {sources: [{secret: {name: x}}]}}],' '')" 'there is no Secret "x"' "$(object v1 Secret x '')"
	each "$(pod 'imagePullSecrets: [{name: x}],' '')" 'there is no Secret "x"' "$(object v1 Secret x '')"
	each "$(pod 'serviceAccountName: x,' '')" 'there is no ServiceAccount "x"' "$(object v1 ServiceAccount x '')"
	each "$(pod 'volumes: [{name: v, persistentVolumeClaim: {claimName: x}}],' '')" 'there is no PersistentVolumeClaim "x"' \
		"$(object v1 PersistentVolumeClaim x 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}')"
	each "$(object networking.k8s.io/v1 Ingress i 'spec: {defaultBackend: {service: {name: x, port: {number: 80}}}}')" 'there is no Service "x"' \
		"$(object v1 Service x 'spec: {ports: [{port: 80}]}')"
	each "$(object gateway.networking.k8s.io/v1 HTTPRoute h 'spec: {rules: [{backendRefs: [{name: x, port: 80}]}]}')" 'there is no Service "x"' \
		"$(object v1 Service x 'spec: {ports: [{port: 80}]}')"
	each "$(object gateway.networking.k8s.io/v1 HTTPRoute h 'spec: {rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: x, port: 80}}}]}]}')" \
		'there is no Service "x"' "$(object v1 Service x 'spec: {ports: [{port: 80}]}')"
	each "$(object autoscaling/v2 HorizontalPodAutoscaler h 'spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: example.org/v1, kind: Rollout, name: x}}')" \
		'there is no Rollout "x"' "$(object example.org/v1 Rollout x '')"
	each "$(object rbac.authorization.k8s.io/v1 RoleBinding r 'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: x}')" 'there is no Role "x"' \
		"$(object rbac.authorization.k8s.io/v1 Role x '')"
}

@test "--references: what controllers, operators and other parts of the platform make is not missed" {
	local good=$ROOT/tests/cases/validate/references.yaml
	run -0 --separate-stderr validate -k -r --ignore-missing --no-rule cel-not-evaluated "$good"
	[ -z "$output" ]
	run -0 --separate-stderr validate -k -r -v --ignore-missing --no-rule cel-not-evaluated "$good"
	has 'there is no Secret "db-app" among the objects given; the Cluster "db" may make it' "$output"
	has 'this selects no pods of the objects given; the Rollout "api" may make them' "$output"
	[ "$(grep -c 'note:' <<<"$output")" = 6 ]
	# and what nobody makes is
	miss() { # EDIT TEXT
		sed -E "$1" "$good" >in.yaml
		run --separate-stderr validate -k -r --ignore-missing --no-rule cel-not-evaluated in.yaml
		has "$2" "$output"
		[ "$(grep -c '^in.yaml' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	}
	miss 's/targetPort: http\}/targetPort: htp}/' 'warning: spec.ports[0].targetPort: no container of the pods that are selected has a port of the name "htp"; did you mean "http"?'
	miss '/^kind: ReferenceGrant/,/^spec/s/namespace: shop/namespace: edge/' 'no ReferenceGrant in the namespace shop lets HTTPRoutes of edge refer to its Services (gateway.networking.k8s.io/HTTPRoute edge/web) [ref/grant]'
	miss 's/configMapRef: \{name: web-5h2k9\}/configMapRef: {name: web}/' 'there is no ConfigMap "web"; did you mean "web-5h2k9"?'
	miss 's/port: \{name: http\}/port: {name: https}/' 'the Service "web" has no port https'
	miss 's/claimName: data-db-0/claimName: dat-db-0/' 'there is no PersistentVolumeClaim "dat-db-0"'
	miss 's/cert-manager.io.cluster-issuer/x/' 'there is no Secret "web-cert"'
	miss 's/kube-root-ca.crt, key/kube-root-ca, key/' 'there is no ConfigMap "kube-root-ca"'
	miss 's/name: web, namespace: shop\}, \{kind: ServiceAccount, name: prometheus/name: wep, namespace: shop}, {kind: ServiceAccount, name: prometheus/' 'there is no ServiceAccount "wep"; did you mean "web"?'
	miss 's/values: \[web, other\]/values: [other]/' 'warning: spec.podSelector: this selects no pods'
	# a chart that a controller applies to the namespace may bring it
	printf -- '---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: chart, namespace: shop}\nspec: {interval: 1m}\n' >>in.yaml
	run -0 --separate-stderr validate -k -r --ignore-missing --no-rule cel-not-evaluated in.yaml
	[ -z "$output" ]
}
