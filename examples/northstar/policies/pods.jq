# What a pod of ours is like: the restricted Pod Security Standard, a root file system that nobody writes, a bound on
# memory, images of a fixed tag. Says what is wrong with one object; `infraflux promote` asks every object.
(.spec.jobTemplate.spec.template // .spec.template // empty).spec | select(.containers)
| (select(.securityContext.runAsNonRoot != true) | "its pods may run as root"),
  (select(.securityContext.seccompProfile.type != "RuntimeDefault") | "its pods have no seccomp profile"),
  (select(.hostNetwork or .hostPID or .hostIPC) | "its pods share a namespace of the node"),
  ((.containers + (.initContainers // []))[]
    | (select(.securityContext.allowPrivilegeEscalation != false) | "container \(.name) may gain privileges"),
      (select(.securityContext.readOnlyRootFilesystem != true) | "container \(.name) may write its root file system"),
      (select(.securityContext.capabilities.drop != ["ALL"] or (.securityContext.capabilities.add // [] | length > 0)) | "container \(.name) keeps capabilities"),
      (select(.resources.limits.memory | not) | "container \(.name) has no bound on memory"),
      (select(.image | test("^[a-z0-9.-]+\\.[a-z]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?$") and test("[:@][^/]*$") and (test(":latest$") | not) | not)
        | "image \(.image) of container \(.name) has no registry, or no fixed tag"))
