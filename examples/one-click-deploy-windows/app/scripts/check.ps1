# What does not even have a heading is not installed.
$ErrorActionPreference = 'Stop'

if (-not (Select-String -Quiet -Path "$env:GOGRID_RELEASE_DIR\site\index.html" -Pattern '<h1>.*</h1>')) {
  exit 1
}
