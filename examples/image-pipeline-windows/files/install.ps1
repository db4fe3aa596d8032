# Runs in the sandbox.
$ErrorActionPreference = 'Stop'

New-Item -ItemType Directory -Force -Path C:\inetpub\wwwroot | Out-Null
Set-Content -Path C:\inetpub\wwwroot\index.html -Value '<h1>It runs</h1>'
