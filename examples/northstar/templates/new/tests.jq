# What must hold of each object that @NAME@ renders to, in every environment: says what is wrong with it.
# `infraflux check` and the gates of `infraflux promote` ask it.
(select(.kind == "NetworkPolicy") | (.spec.egress // [])[] | select(.to | not) | "may talk to everybody; name it in dependencies"),
(select(.kind == "Deployment" or .kind == "StatefulSet") | select(.spec.replicas == 0) | "runs nowhere")
