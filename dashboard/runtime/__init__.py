"""Starting, sharing and ending everything on one machine, before and beside Django.

* ``run`` and ``test`` source ``venv.sh``; ``satisfied.py`` says whether ``.venv`` is complete.
* ``supervisor.py`` is ``make run``; ``environment.py`` is what each ``manage.py`` command does first.
* Both attach to the embedded servers (``embedded.py``). A ``keeper.py`` runs each server (``servers.py``) for as
  long as anyone is attached.
* ``programs.py`` finds the servers' programs, ``accounts.py`` whom they run as, ``children.py`` ties processes to
  their parent, ``mode.py`` tells demo from real, ``places.py`` and ``ports.py`` say where.
"""
