@echo off
setlocal DisableDelayedExpansion
rem Maps Cloud Storage to its drive letter for a user who logs on and may read the password file.
rem It was rendered: change the configuration instead.
set "GOGRID_HOST=10.110.0.3"
set "GOGRID_SHARE=100%% $hare"
set "GOGRID_USERNAME=a%%b^c&d!e|f<g>h(i)j'k $l"
set "GOGRID_PASSWORD_FILE=C:\it's\100%% secret"
set "GOGRID_DRIVE=Z:"
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "C:\gogrid\install.ps1" drive >nul 2>&1
exit /b %ERRORLEVEL%
