# By the id that GoGrid shows for the sandbox.
terraform import gogrid_sandbox.web 700124
