# Reject a page without a heading.
$ErrorActionPreference = 'Stop'

if (-not (Select-String -Quiet -Path "$env:GOGRID_RELEASE_DIR\site\index.html" -Pattern '<h1>.*</h1>')) {
  exit 1
}
